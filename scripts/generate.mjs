// `npm run generate`: writes what is generated from the code's own schemas: schema/*.json and the
// tables of docs/playbooks.md. With --check it writes nothing and fails where something is not fresh.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { prepare } from './prepare.mjs';

prepare();
const { createOfflineRegistry } = await import('../dist/action/offline-registry.js');
const { playbookJsonSchema, playbookTestJsonSchema, policyJsonSchema } = await import(
  '../dist/playbook/json-schema.js'
);
const { fillReference, referenceParts, testReferenceParts } = await import(
  '../dist/playbook/reference.js'
);

const root = new URL('../', import.meta.url);
const playbook = playbookJsonSchema(createOfflineRegistry());
const policy = policyJsonSchema();
const test = playbookTestJsonSchema();
const parts = referenceParts({ playbook, policy });

mkdirSync(new URL('schema', root), { recursive: true });
put('schema/playbook.schema.json', json(playbook));
put('schema/policy.schema.json', json(policy));
put('schema/playbook-test.schema.json', json(test));
fill('docs/playbooks.md', parts);
fill('docs/testing-playbooks.md', testReferenceParts(test));

function fill(file, parts) {
  put(file, fillReference(read(file), parts));
}

function put(file, text) {
  if (read(file) === text) return;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${file} is not what the code says: run "npm run generate"\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(new URL(file, root), text);
  }
}

function read(file) {
  try {
    return readFileSync(new URL(file, root), 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
