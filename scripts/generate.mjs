// `npm run generate`: writes schema/*.json, the generated tables of docs/reference/ and the runbook links in
// prometheus/. With --check it writes nothing, and fails where something is not fresh.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { prepare } from './prepare.mjs';
import { apiTables, metricsTable } from './reference/tables.mjs';

prepare();
const { createOfflineRegistry } = await import('../dist/integrations/offline-registry.js');
const { jobsJsonSchema, playbookJsonSchema, playbookTestJsonSchema, policyJsonSchema } =
  await import('../dist/playbook/json-schema.js');
const { fillReference, jobsReferenceParts, referenceParts, testReferenceParts } = await import(
  '../dist/playbook/reference.js'
);
const { commandLineReference } = await import('../dist/cli/reference.js');
const { createMetrics } = await import('../dist/lib/metrics.js');
const { openApiDocument } = await import('../dist/api/openapi.js');
const { runbookUrl } = await import('../dist/lib/documentation.js');

const root = new URL('../', import.meta.url);
const playbook = playbookJsonSchema(createOfflineRegistry());
const policy = policyJsonSchema();
const test = playbookTestJsonSchema();
const jobs = jobsJsonSchema();
const parts = referenceParts({ playbook, policy });

mkdirSync(new URL('schema', root), { recursive: true });
put('schema/playbook.schema.json', json(playbook));
put('schema/policy.schema.json', json(policy));
put('schema/playbook-test.schema.json', json(test));
put('schema/jobs.schema.json', json(jobs));
fill('docs/reference/playbooks.md', parts);
fill('docs/reference/playbook-tests.md', testReferenceParts(test));
fill('docs/reference/jobs.md', jobsReferenceParts(jobs));
fill('docs/reference/metrics.md', {
  metrics: metricsTable(createMetrics().registry.getMetricsAsArray()),
});
fill('docs/reference/command-line.md', { commands: commandLineReference() });
fill('docs/reference/api.md', { routes: apiTables(openApiDocument()) });
for (const file of ['prometheus/jidoka.rules.yml', 'prometheus/jidoka.rules.test.yml']) {
  put(
    file,
    read(file).replace(
      /(runbook_url:) \S+#(\w+)/g,
      (_, key, alert) => `${key} ${runbookUrl(alert)}`,
    ),
  );
}

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
