import { expect, test } from 'vitest';
import { splitComparison } from '../../../src/prometheus/comparison.js';

test.each([
  ['rate(x[5m]) > 5', 'rate(x[5m])', '>', '5', 5],
  ['5 < x', 'x', '>', '5', 5],
  ['0.9 >= a / b', 'a / b', '<=', '0.9', 0.9],
  ['up == 0', 'up', '==', '0', 0],
  ['(a) >= bool (b + 1)', '(a)', '>=', '(b + 1)', null],
  ['a > on (service) group_left limit', 'a', '>', 'limit', null],
  ['x > -1e3', 'x', '>', '-1e3', -1_000],
  ['x > (10)', 'x', '>', '(10)', 10],
  ['x > 5m', 'x', '>', '5m', null],
  ['((a > 1))', 'a', '>', '1', 1],
])('takes %s apart', (expression, line, operator, threshold, value) => {
  expect(splitComparison(expression)).toEqual({
    line,
    threshold: { operator, expression: threshold, value },
    isPart: false,
  });
});

test.each(['a > 5 and on(job) b < 3', 'a > 5 unless b', '(a > 5) and b and c'])(
  'of %s, whose values are those of its left side, that side is shown as a part',
  (expression) => {
    expect(splitComparison(expression)).toEqual({
      line: 'a',
      threshold: { operator: '>', expression: '5', value: 5 },
      isPart: true,
    });
  },
);

test.each(['absent(up)', 'a + b', 'a > 5 or b > 3', 'a >', 'sum by (', ''])(
  '%s is a line as it is',
  (expression) => {
    expect(splitComparison(expression)).toEqual({
      line: expression,
      threshold: null,
      isPart: false,
    });
  },
);
