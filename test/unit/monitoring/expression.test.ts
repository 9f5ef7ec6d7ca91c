import { describe, expect, it } from 'vitest';
import { expressionFault } from '../../../src/monitoring/expression.js';

describe('an expression', () => {
  it.each([
    'up == 0',
    'rate(http_requests_total{job="web"}[5m]) > 10',
    'rate((http_requests_total[5m] offset 1m)) > 1',
    'max_over_time(rate(x[5m])[1h:]) > 1',
    'quantile_over_time(0.9, x[5m] @ end()) > 1',
    'sum by (instance) (rate(x[5m])) / on (instance) y > bool 2',
    'x{code=~"^5..$"}\n> 1 # a comment',
    'absent(up{job="web"})',
  ])('that Prometheus takes has no fault: %s', (text) => {
    expect(expressionFault(text)).toBeUndefined();
  });

  it.each([
    ['', 'the expression is empty'],
    ['  ', 'the expression is empty'],
    ['foo{', 'syntax error at its end'],
    ['a b', 'syntax error at character 3: "b"'],
    ['unknown(x)', 'syntax error at character 8: "(x)"'],
    ['x > "1"', 'text at character 5: "\\"1\\"" where a vector is expected'],
    ['x{a="b\\\\.c"} > "', 'text without an end at character 16: "\\""'],
    [
      'x{a=~"b\\.c"}',
      'unknown escape in the text at character 6: "\\"b\\\\.c\\"}"; write \\\\ for \\',
    ],
    ['rate(sum(x))', 'rate expects a range vector such as x[5m]'],
    ['rate(x)', 'rate expects a range vector such as x[5m]'],
    ['avg_over_time(x) > 1', 'avg_over_time expects a range vector such as x[5m]'],
    ['x[5m] > 1', 'range vector at character 1: "x[5m] > 1" where an instant vector is expected'],
    ['abs(x[5m])', 'range vector at character 5: "x[5m])" where an instant vector is expected'],
  ])('that it refuses says where and why: %j', (text, fault) => {
    expect(expressionFault(text)).toBe(fault);
  });
});
