import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkPaths } from '../../../src/cli/check/findings.js';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import {
  jobsJsonSchema,
  playbookJsonSchema,
  playbookTestJsonSchema,
  policyJsonSchema,
} from '../../../src/playbook/json-schema.js';
import {
  fillReference,
  jobsReferenceParts,
  referenceParts,
  testReferenceParts,
} from '../../../src/playbook/reference.js';

const document = await readFile('docs/reference/playbooks.md', 'utf8');
const parts = referenceParts({
  playbook: playbookJsonSchema(createOfflineRegistry()),
  policy: policyJsonSchema(),
});
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jidoka-reference-'));
});

afterEach(() => rm(folder, { recursive: true }));

test('the tables of docs/reference/playbooks.md are fresh; if not: npm run generate', () => {
  expect(fillReference(document, parts)).toBe(document);
});

test('the tables of docs/reference/playbook-tests.md are fresh; if not: npm run generate', async () => {
  const testing = await readFile('docs/reference/playbook-tests.md', 'utf8');
  expect(fillReference(testing, testReferenceParts(playbookTestJsonSchema()))).toBe(testing);
});

test('the table of docs/reference/jobs.md is fresh; if not: npm run generate', async () => {
  const jobs = await readFile('docs/reference/jobs.md', 'utf8');
  expect(fillReference(jobs, jobsReferenceParts(jobsJsonSchema()))).toBe(jobs);
});

test('a part without a place, and a place without a part, is an error', () => {
  expect(() => fillReference('', { step: '' })).toThrow('no place for step');
  expect(() => fillReference('<!-- generated: other -->\n<!-- end -->', {})).toThrow(
    'no generated part other',
  );
});

const examples = [...document.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);

test('docs/reference/playbooks.md has examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(5);
});

test.each(examples)('the example passes the check without a warning:\n%s', async (text) => {
  const name = text.startsWith('# policy.yaml') ? 'policy.yaml' : 'example.yaml';
  await writeFile(join(folder, name), text);
  const checked = await checkPaths({ paths: [folder], folder, policy: undefined });
  expect(checked).toEqual({ files: 1, findings: [] });
});

test('what docs/reference/playbooks.md shows of the check is what it says', async () => {
  const shown = /```text\n([\s\S]*?)```/.exec(document)?.[1];
  const said = await readFile('test/fixtures/playbooks/bad/key-unknown-in-guards.txt', 'utf8');
  expect(shown).toBe(said);
});
