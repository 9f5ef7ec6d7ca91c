import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLibrary } from '../../../src/playbook/library.js';
import type { Playbook } from '../../../src/playbook/playbook.js';
import { testPlaybook } from './test-playbook.js';

function names(playbooks: readonly Playbook[]): string[] {
  return playbooks.map(({ name }) => name);
}

const library = createLibrary([
  testPlaybook('catch-all', 'severity!=info'),
  testPlaybook('slow-web', 'alertname=Slow, service=web'),
  testPlaybook('slow-db', 'alertname=Slow, service=db'),
  testPlaybook('has-team', 'team!="", alertname!=Slow'),
  testPlaybook('no-team', 'team=""'),
  testPlaybook('down', 'alertname=~"Down.*"'),
]);

test('only playbooks that could match are candidates, in order', () => {
  expect(names(library.candidates({ alertname: 'Slow', service: 'db' }))).toEqual([
    'catch-all',
    'slow-db',
    'no-team',
    'down',
  ]);
  expect(names(library.candidates({ team: 'a' }))).toEqual(['catch-all', 'has-team', 'no-team']);
  expect(names(library.candidates({ constructor: 'x' }))).toEqual(['catch-all', 'no-team']);
});

test('neighbours are first those that share a label, then any', () => {
  expect(names(library.neighbours({ service: 'db' }, 1))).toEqual(['slow-db']);
  expect(names(library.neighbours({ service: 'db' }, 3))).toEqual([
    'slow-db',
    'catch-all',
    'slow-web',
  ]);
  expect(library.neighbours({ service: 'db' }, 100)).toHaveLength(6);
});

test('no playbook that matches is left out', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const value = fc.constantFrom('x', 'y', '');
  const matcher = fc
    .tuple(name, fc.constantFrom('=', '!=', '=~', '!~'), value)
    .map(([label, op, wanted]) => `${label}${op}"${wanted}"`);
  const matches = fc.array(fc.array(matcher, { minLength: 1, maxLength: 3 }), { maxLength: 8 });
  fc.assert(
    fc.property(matches, fc.dictionary(name, value), (all, labels) => {
      const playbooks = all.map((match, index) => testPlaybook(`p${index}`, match.join()));
      const candidates = createLibrary(playbooks).candidates(labels);
      const matching = playbooks.filter(({ match }) => match.every((one) => one.matches(labels)));
      expect(candidates.filter((one) => matching.includes(one))).toEqual(matching);
      expect(new Set(candidates).size).toBe(candidates.length);
    }),
  );
});

test('an alert looks at a handful of ten thousand playbooks', () => {
  const many = Array.from({ length: 10_000 }, (_, index) =>
    testPlaybook(`p${index}`, `severity=critical, alertname=Alert${index}`),
  );
  const labels = { severity: 'critical', alertname: 'Alert7777' };
  const big = createLibrary(many);
  expect(names(big.candidates(labels))).toEqual(['p7777']);
  expect(big.neighbours(labels, 50)).toHaveLength(50);
});
