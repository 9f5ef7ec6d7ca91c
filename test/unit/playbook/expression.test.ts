import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { evaluateStep } from '../../../src/playbook/evaluate-step.js';
import type { ExpressionInput } from '../../../src/playbook/expression.js';
import {
  compileExpression,
  compileTemplate,
  EvaluationError,
} from '../../../src/playbook/expression.js';
import { ExpressionError } from '../../../src/playbook/expression-error.js';
import type { Step } from '../../../src/playbook/playbook.js';
import { cpuMs } from '../../support/cpu-ms.js';
import { testAction } from './test-action.js';

const input: ExpressionInput = {
  labels: { service: 'shop_web', by: '3', severity: 'critical', big: '9007199254740993' },
  annotations: { runbook: 'http://wiki/slow' },
  worker_asg: 'workers',
};

function faultOf(compile: () => unknown): ExpressionError {
  try {
    compile();
  } catch (error) {
    if (error instanceof ExpressionError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a condition', () => {
  test.each<[string, boolean]>([
    ['labels.service == "shop_web"', true],
    ['labels.service.startsWith("shop_") && int(labels.by) > 2', true],
    ['"runbook" in annotations', true],
    ['has(labels.nothing)', false],
    ['has(labels.constructor) || "toString" in labels', false],
    ['worker_asg != ""', true],
    ['labels.exists(name, labels[name] == "critical")', true],
    ['labels.missing == "x" || true', true],
  ])('%s is %s', (text, value) => {
    expect(compileExpression(text).evaluate(input)).toBe(value);
  });

  test.each([
    ['labels.missing == "x"', 'label "missing" is missing'],
    ['labels["not there"] == "x"', 'label "not there" is missing'],
    ['annotations.missing == "x"', 'annotation "missing" is missing'],
    ['labels.constructor == "x"', 'label "constructor" is missing'],
    ['int(labels.service) > 1', 'int() type error: cannot convert to int'],
    ['labels.service.matches(labels.by + "(")', '"3(" is not an RE2 regular expression'],
  ])('%s has no value, with the reason', (text, message) => {
    const run = () => compileExpression(text).evaluate(input);
    expect(run).toThrow(EvaluationError);
    expect(run).toThrow(message);
  });

  test.each([
    ['', 0, 'Unexpected token: the end'],
    ['labels.a ==', 11, 'Unexpected token: the end'],
    ['service == "x"', 0, 'write a label as labels.service'],
    ['true && labels.a + 1 == ""', 8, 'a string cannot be added to a number (string + int)'],
    ['labels.service', 0, 'expected a condition (bool), got string'],
    ['dyn(true)', 0, 'expected a condition (bool), got dyn'],
    ['labels.a.matches(1)', 0, "'string.matches(int)'"],
    ['true && labels.a.matches("(")', 25, 'missing closing )'],
  ])('%j is refused, with the place', (text, offset, message) => {
    const fault = faultOf(() => compileExpression(text));
    expect(fault.message).toContain(message);
    expect(fault.offset).toBe(offset);
  });

  test.each<[string, boolean]>([
    ['labels.service.matches("^shop_[[:alpha:]]+$")', true],
    ['labels.service.matches("web")', true],
    ['labels.service.matches("(?i)WEB") && !labels.service.matches("x")', true],
    ['(labels.service) . matches("nothing")', false],
    ['labels.exists(name, name.matches("^sev"))', true],
    ['labels.service == "matches" || labels.service.matches("matches|shop")', true],
  ])('%s is decided by RE2', (text, value) => {
    expect(compileExpression(text).evaluate(input)).toBe(value);
  });

  test('a regular expression that would backtrack takes no longer than another', async () => {
    const labels = { text: 'a'.repeat(5000), pattern: '(a|a)*(a|aa)+b' };
    const expression = compileExpression('labels.text.matches(labels.pattern)');
    const took = await cpuMs(() => {
      expect(expression.evaluate({ ...input, labels })).toBe(false);
    });
    expect(took).toBeLessThan(2000);
  });
});

describe('a parameter', () => {
  test.each<[string | number | boolean, string | number | boolean, string]>([
    ['shop', 'shop', 'string'],
    [3, 3, 'number'],
    [true, true, 'boolean'],
    ['', '', 'string'],
    ['$5 {x} }}', '$5 {x} }}', 'string'],
    ['${{ labels.service }}', 'shop_web', 'string'],
    ['${{ int(labels.by) }}', 3, 'number'],
    ['${{ -1 }}', -1, 'number'],
    ['${{ uint(2) }}', 2, 'number'],
    ['${{ 0.5 }}', 0.5, 'number'],
    ['${{ labels.severity == "critical" }}', true, 'boolean'],
    ['${{ "asg" in labels ? labels.asg : worker_asg }}', 'workers', 'string'],
    ['${{ labels.service }}-${{ int(labels.by) + 1 }}!', 'shop_web-4!', 'string'],
    [' ${{ int(labels.by) }}', ' 3', 'string'],
  ])('%j is %j, a %s', (source, value, type) => {
    const template = compileTemplate(source);
    expect(template.evaluate(input)).toBe(value);
    expect(template.type).toBe(type);
    expect(template.literal).toBe(typeof source !== 'string' || !source.includes('${{'));
  });

  test('a whole number that is too large to be exact has no value', () => {
    const template = compileTemplate('${{ int(labels.big) }}');
    expect(() => template.evaluate(input)).toThrow(
      /int\(labels.big\): the number 9007199254740993 is too/,
    );
  });

  test.each([
    ['x ${{ labels.a + 1 }}', 6, 'a string cannot be added to a number (string + int)'],
    ['${{ labels.a }} ${{ nothing }}', 20, 'unknown name "nothing"'],
    ['${{ labels }}', 3, 'got map<string, string>'],
    ['${{ [1] }}', 3, 'got list<int>'],
    ['${{ null }}', 3, 'got null'],
    ['${{ labels.a', 0, 'expected }} to close this ${{'],
    ['${{ }}', 4, 'Unexpected token: the end'],
  ])('%j is refused, with the place', (source, offset, message) => {
    const fault = faultOf(() => compileTemplate(source));
    expect(fault.message).toContain(message);
    expect(fault.offset).toBe(offset);
  });
});

describe("a step's parameters", () => {
  const params = z.strictObject({
    service: z.string().min(1),
    by: z.int().max(5).optional(),
    direction: z.enum(['up', 'down']).optional(),
  });
  const step = (values: Record<string, string | number>): Step => ({
    action: testAction('swarm.scale', params),
    params: Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, compileTemplate(value)]),
    ),
    settleMs: 0,
    repeat: 1,
    undo: false,
  });

  test('are evaluated and checked', () => {
    const values = { service: '${{ labels.service }}', by: '${{ int(labels.by) }}' };
    expect(evaluateStep(step(values), input)).toEqual({ service: 'shop_web', by: 3 });
  });

  test.each([
    [{ service: '${{ labels.gone }}' }, 'swarm.scale: service: label "gone" is missing'],
    [
      { service: '${{ "" }}' },
      'swarm.scale: service: expected a non-empty string, got "" (the parameters are {"service":""})',
    ],
    [
      { service: 'x', by: '${{ int(labels.by) * 2 }}' },
      'swarm.scale: by: expected a number of at most 5, got 6',
    ],
    [
      { service: 'x', direction: '${{ "upp" }}' },
      'swarm.scale: direction: expected one of up, down, got "upp"; did you mean "up"?',
    ],
    [
      { by: '${{ 1.5 }}' },
      'swarm.scale: service: missing; expected a string; by: expected a whole',
    ],
  ])('of %j name the step, the parameter and what was expected', (values, message) => {
    const run = () => evaluateStep(step(values as Record<string, string>), input);
    expect(run).toThrow(EvaluationError);
    expect(run).toThrow(message);
  });
});
