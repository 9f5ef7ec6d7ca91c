import { expect, test } from 'vitest';
import { findRule } from '../../../src/prometheus/find-rule.js';

const rule = (expression: string, labels: Readonly<Record<string, string>> = {}) => ({
  name: 'Slow',
  expression,
  labels,
});
const alert = (expression?: string) => ({
  labels: { alertname: 'Slow', service: 'web', severity: 'page' },
  generatorUrl:
    expression === undefined
      ? ''
      : `http://prometheus:9090/graph?g0.expr=${encodeURIComponent(expression)}&g0.tab=1`,
});

test('the labels that a rule sets have to be those of the alert; templates are left open', () => {
  const page = rule('x > 2', { severity: 'page', team: '{{ $labels.service }}' });
  expect(findRule([rule('x > 1', { severity: 'warn' }), page], alert())).toEqual({
    kind: 'found',
    rule: page,
  });
  expect(findRule([rule('x > 1', { severity: 'warn' })], alert())).toEqual({ kind: 'none' });
  expect(findRule([], alert('x > 1'))).toEqual({ kind: 'none' });
});

test('the expression that the alert brings tells rules of one name apart', () => {
  const [one, other] = [rule('x > 1'), rule('x > 2')];
  expect(findRule([one, other], alert('x > 2'))).toEqual({ kind: 'found', rule: other });
  expect(findRule([one, other], alert())).toEqual({ kind: 'several', count: 2 });
  expect(findRule([one, rule('x > 1')], alert())).toEqual({ kind: 'found', rule: one });
});

test('an expression that only the alert brings is never used', () => {
  const one = rule('x > 1');
  expect(findRule([one], alert('secrets'))).toEqual({ kind: 'found', rule: one });
});
