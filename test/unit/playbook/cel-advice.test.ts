import { expect, test } from 'vitest';
import { compileCel } from '../../../src/playbook/cel.js';
import { ExpressionError } from '../../../src/playbook/expression-error.js';

/* The mistakes that are made most, in the words that they get; more of them are among the bad playbooks. */

test.each([
  ['worker_asgs == ""', 0, /unknown name "worker_asgs": .*did you mean "worker_asg"\?$/],
  ['env == "x"', 0, /^unknown name "env": expected one of .*; write a label as labels.env$/],
  [
    'env.name == "x"',
    0,
    /^unknown name "env": expected one of labels, annotations, route, worker_asg$/,
  ],
  ['sise(labels) > 1', 0, /^unknown function "sise"; did you mean "size"\?$/],
  ['labels.a.contains()', 0, /^contains\(\): wrong parameters: /],
  ['labels.a.matches("x", "y")', 0, /^matches\(\): wrong parameters: /],
  ['labels.a + 1 == "x"', 0, /^a string cannot be added to a number \(string \+ int\)/],
  ['1.5 <= labels.a', 0, /^a string cannot be compared with a number \(double <= string\)/],
  ['true == "x"', 0, /^bool == string is not possible$/],
  ['labels.a == "b" or true', 16, /^expected \|\| in place of "or"$/],
  ['labels.a = "b"', 9, /^expected == to compare, got =$/],
  ['labels["a"', 10, /^Expected RBRACKET, got the end$/],
])('%s', (text, offset, message) => {
  const compile = () => compileCel(text);
  expect(compile).toThrow(ExpressionError);
  expect(compile).toThrow(message);
  expect(compile).toThrow(expect.objectContaining({ offset }));
});
