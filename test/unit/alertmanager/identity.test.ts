import fc from 'fast-check';
import { expect, test } from 'vitest';
import { identityIn, identityOf } from '../../../src/alertmanager/identity.js';
import { sources } from '../../../src/alertmanager/source.js';

const none = new Set<string>();

test('an identity is 32 hex digits and does not change from one version to the next', () => {
  expect(identityOf({ alertname: 'ServiceSlow', service: 'shop_web' }, none)).toBe(
    '75b9a10986248604ac9143b73905e873',
  );
});

test('the order of labels does not matter', () => {
  expect(identityOf({ a: '1', b: '2' }, none)).toBe(identityOf({ b: '2', a: '1' }, none));
});

test('ignored labels and empty ones do not count', () => {
  const ignored = new Set(['replica']);
  expect(identityOf({ a: '1', replica: 'x', c: '' }, ignored)).toBe(identityOf({ a: '1' }, none));
  expect(identityOf({ a: '1', replica: 'x' }, none)).not.toBe(identityOf({ a: '1' }, none));
});

test('no separator inside a name or a value makes two label sets look alike', () => {
  const sets = [
    { a: '1', b: '2' },
    { a: '11:b1:2' },
    { 'a1:1': 'b2' },
    { a: '1b', '2': '' },
    { a: '1\u0000b\u00002' },
    { a1: ':b1:2' },
    { a: '1', 'b=2': 'x' },
    { a: '1=', b: '2' },
    { a: '\ud800' },
    { a: '\ufffd' },
  ];
  expect(new Set(sets.map((labels) => identityOf(labels, none))).size).toBe(sets.length);
});

test('different label sets have different identities', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '1', ':', '2', '\u0000'), maxLength: 4 });
  const filled = part.filter((text) => text !== '');
  const labels = fc.dictionary(part, filled, { maxKeys: 3 });
  fc.assert(
    fc.property(labels, labels, (left, right) => {
      const sorted = (set: object) => JSON.stringify(Object.entries(set).sort());
      const same = sorted(left) === sorted(right);
      expect(identityOf(left, none) === identityOf(right, none)).toBe(same);
    }),
  );
});

test('alerts of two sources are never the same one, and all labels of a call count', () => {
  const labels = { alertname: 'scale', command: 'jenkins', replica: 'a' };
  const ignored = new Set(['replica']);
  const all = sources.map((source) => identityIn(source, labels, ignored));
  expect(new Set(all).size).toBe(sources.length);
  expect(identityIn('alertmanager', labels, ignored)).toBe(identityOf(labels, ignored));
  const other = { ...labels, replica: 'b' };
  expect(
    sources.filter((one) => identityIn(one, other, ignored) !== identityIn(one, labels, ignored)),
  ).toEqual(['jenkins', 'docker-scaler', 'manual']);
});
