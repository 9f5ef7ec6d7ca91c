import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { evaluateStep } from '../../../src/playbook/evaluate-step.js';
import { playbookJsonSchema } from '../../../src/playbook/json-schema.js';
import { parsePlaybookTexts } from '../../../src/playbook/load.js';
import { formatProblem } from '../../../src/playbook/problem.js';
import { testAction } from './test-action.js';

/* Parameters that are lists and mappings, with expressions in them. */

const params = z.strictObject({
  job: z.string().describe('Which job.'),
  with: z.record(z.string(), z.union([z.string(), z.int()])).optional(),
  nodes: z.array(z.string()).optional(),
  limits: z.strictObject({ cpu: z.number(), tries: z.array(z.int()) }).optional(),
});
const action = testAction('test.job', params);
const actions = new Map([[action.name, action]]);

function load(step: string) {
  const text = `name: clean-disk
summary: Cleans the disk.
match: alertname = "Full"
steps:
  - test.job: ${step}
`;
  const loaded = parsePlaybookTexts(
    { files: [{ file: 'job.yaml', text }], policy: { file: 'policy.yaml', text: '' } },
    actions,
  );
  return { ...loaded, lines: loaded.problems.map((one) => formatProblem(one).split('\n')[0]) };
}

function evaluate(step: string, labels: Record<string, string>) {
  const { playbooks, lines } = load(step);
  expect(lines).toEqual([]);
  const [first] = playbooks[0]?.steps ?? [];
  if (first === undefined) throw new Error('there is no step');
  return evaluateStep(first, { labels, annotations: {}, worker_asg: '' });
}

describe('a parameter that is a list or a mapping', () => {
  test('gets what its expressions give, with their types, however deep they stand', () => {
    const step =
      '{ job: clean, with: { path: "${{ labels.path }}", keep: "${{ int(labels.keep) }}" }, nodes: ["${{ labels.node }}", two], limits: { cpu: 1.5, tries: [1, "${{ int(labels.keep) }}"] } }';
    const labels = { path: '"; rm -rf /', keep: '3', node: 'one' };
    expect(evaluate(step, labels)).toEqual({
      job: 'clean',
      with: { path: '"; rm -rf /', keep: 3 },
      nodes: ['one', 'two'],
      limits: { cpu: 1.5, tries: [1, 3] },
    });
  });

  test('may have any key, also one that objects have', () => {
    const { with: given } = evaluate('{ job: clean, with: { constructor: a, toString: b } }', {});
    expect(Object.entries(given as object)).toEqual([
      ['constructor', 'a'],
      ['toString', 'b'],
    ]);
  });

  test('names the place of an expression that has no value', () => {
    const step = '{ job: clean, with: { path: "${{ labels.path }}" } }';
    expect(() => evaluate(step, {})).toThrow('test.job: with: path: label "path" is missing');
  });

  test.each([
    ['{ job: clean, nodes: ["${{ labels. }}"] }', /^job.yaml:5:\d+: .*nodes\[0\]/],
    ['{ job: clean, nodes: ["${{ int(labels.a) }}"] }', /nodes\[0\]: .*type string, got number/],
    ['{ job: clean, nodes: [1] }', /nodes\[0\]: expected a string, got 1/],
    ['{ job: clean, nodes: one }', /nodes: expected a list, got "one"/],
    ['{ job: clean, nodes: { one: two } }', /nodes: expected a list, got a mapping/],
    ['{ job: [clean] }', /job: expected a string, got a list/],
    ['{ job: clean, limits: { cpu: 1, tries: [], cpus: 2 } }', /unknown key "cpus".*cpu/],
    ['{ job: clean, limits: { cpu: "${{ labels.a }}", tries: [] } }', /limits\.cpu: .*type number/],
    ['{ job: clean, with: { path: null } }', /with\.path: expected a/],
    [`{ job: clean, nodes: ${'['.repeat(11)}a${']'.repeat(11)} }`, /at most 10 levels/],
  ])('is found at fault when it is loaded: %s', (step, line) => {
    expect(load(step).lines).toEqual([expect.stringMatching(line)]);
  });

  test('is in the JSON Schema, where each value may also be an expression', () => {
    const step = playbookJsonSchema(actions).properties?.steps?.items?.properties?.['test.job'];
    expect(step?.properties).toMatchObject({
      job: { type: 'string' },
      with: { additionalProperties: { type: ['string', 'integer'] } },
      nodes: { items: { type: 'string' } },
      limits: {
        additionalProperties: false,
        properties: {
          cpu: { anyOf: [{ type: 'number' }, { title: 'expression' }] },
          tries: { items: { anyOf: [{ type: 'integer' }, { title: 'expression' }] } },
        },
      },
    });
  });
});
