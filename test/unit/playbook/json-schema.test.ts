import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import {
  type JsonSchema,
  jobsJsonSchema,
  playbookJsonSchema,
  playbookTestJsonSchema,
  policyJsonSchema,
} from '../../../src/playbook/json-schema.js';

/* A validator that is not ours says what the schemas take. */

const schemas = {
  playbook: playbookJsonSchema(createOfflineRegistry()),
  policy: policyJsonSchema(),
  'playbook-test': playbookTestJsonSchema(),
  jobs: jobsJsonSchema(),
};
const ajv = new Ajv({ strict: false, allErrors: true });
const validators: Record<keyof typeof schemas, ValidateFunction> = {
  playbook: ajv.compile(schemas.playbook),
  policy: ajv.compile(schemas.policy),
  'playbook-test': ajv.compile(schemas['playbook-test']),
  jobs: ajv.compile(schemas.jobs),
};

/** What the schema has against a file; `undefined` if nothing. */
async function verdict(file: string): Promise<unknown> {
  const document = parseDocument(await readFile(file, 'utf8'));
  if (document.errors.length > 0) return 'invalid YAML';
  const kind = file.endsWith('.test.yaml')
    ? 'playbook-test'
    : file.endsWith('policy.yaml')
      ? 'policy'
      : 'playbook';
  const validate = validators[kind];
  return validate(document.toJS()) ? undefined : validate.errors;
}

describe.each(['playbook', 'policy', 'playbook-test', 'jobs'] as const)(
  'the JSON Schema of the %s',
  (name) => {
    test('is the one that is committed; if not: npm run generate', async () => {
      const text = await readFile(`schema/${name}.schema.json`, 'utf8');
      expect(JSON.parse(text)).toEqual(schemas[name]);
    });

    test('describes every key', () => {
      expect(keysOf(schemas[name]).filter(([, { description }]) => !description)).toEqual([]);
    });

    test('has default values and examples that it takes itself', () => {
      const faults = keysOf(schemas[name]).flatMap(([key, schema]) =>
        [...(schema.default === undefined ? [] : [schema.default]), ...(schema.examples ?? [])]
          .filter((value) => !ajv.validate(schema, value))
          .map((value) => [key, value]),
      );
      expect(faults).toEqual([]);
    });
  },
);

function keysOf(schema: JsonSchema, prefix = ''): [string, JsonSchema][] {
  const inner = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => [
    [prefix + name, each] as [string, JsonSchema],
    ...keysOf(each, `${prefix}${name}.`),
  ]);
  return [...inner, ...(schema.items ? keysOf(schema.items, `${prefix}[].`) : [])];
}

test.each((await readdir('playbooks')).filter((name) => name.endsWith('.yaml')))(
  'the shipped %s is taken',
  async (name) => {
    expect(await verdict(join('playbooks', name))).toBeUndefined();
  },
);

const bad = 'test/fixtures/playbooks/bad';
/** Faults that no schema can see: those inside of a text, and those between files. */
const invisible =
  /^(match-|cel-|expression-(?!wrong)|expression-wrong|by-|bounds-(?!neg)|parameter-wild)/;
const visible = /^match-(missing|mapping)/;
const structural = (await readdir(bad)).filter(
  (name) => name.endsWith('.yaml') && (!invisible.test(name) || visible.test(name)),
);

test.each([...structural, 'policy-unknown-key/policy.yaml'])('%s is refused', async (name) => {
  expect(await verdict(join(bad, name))).toBeDefined();
});

test('a parameter may be an expression, but no other text', () => {
  const playbook = (by: unknown) => ({
    name: 'a',
    summary: 'b',
    match: 'c=d',
    steps: [{ 'swarm.scale': { service: 'web', by } }],
  });
  expect(validators.playbook(playbook('${{ int(labels.by) }}'))).toBe(true);
  expect(validators.playbook(playbook('two'))).toBe(false);
});
