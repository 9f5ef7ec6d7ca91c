import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runFiles } from '../../../../src/cli/test/run-files.js';

const policy = 'http: { hosts: [{ url: https://ci.example.com }] }\n';
const calling = `name: call
summary: Calls.
match: [alertname="Stale"]
mode: auto
steps:
  - http.request: { url: "https://ci.example.com/job/\${{ labels.job }}" }
    settle: 5m
guards: { cooldown: 10m, limits: [4 per 1h] }
`;
const calls = 'https://ci.example.com/job/a';

/** What is different in a test whose alert has `calls` called, with these addresses of the file and the test. */
async function differences(file: string, own: string, mode = 'auto') {
  const folder = await mkdtemp(join(tmpdir(), 'jidoka-http-'));
  const text = `${file}tests:
  - name: t
    ${own}
    alerts: [{ labels: { alertname: Stale, job: a } }]
    expect: [{ at: 1m, effects: [] }]
`;
  try {
    await writeFile(join(folder, 'policy.yaml'), policy);
    await writeFile(join(folder, 'call.yaml'), calling.replace('mode: auto', `mode: ${mode}`));
    await writeFile(join(folder, 'call.test.yaml'), text);
    const files = await runFiles({ paths: [folder], folder, policy: undefined, only: '' });
    expect(files.flatMap(({ findings }) => findings)).toEqual([]);
    return files.flatMap((each) => each.results.flatMap((result) => result.differences));
  } finally {
    await rm(folder, { recursive: true });
  }
}

const undeclared = { what: `the call of ${calls} is not declared`, place: ['addresses'] };

test.each([
  ['no address is declared', '', ''],
  ['another one is declared', 'addresses: { https://ci.example.com/job/b: {} }\n', ''],
  ['it is declared with a query', '', 'addresses: { "https://ci.example.com/job": {} }'],
])(
  'a test that calls what it does not declare fails, though it expects no effects: %s',
  async (...args) => {
    const [, file, own] = args;
    const found = await differences(file, own);
    expect(found).toEqual([expect.objectContaining(undeclared)]);
    expect(found[0]?.lines).toContain(`+ called: ${calls}`);
  },
);

test('a test that calls what it declares, or calls nothing, is not at fault', async () => {
  const refuses = `{ ${calls}: { replies: refuses } }`;
  expect(await differences(`addresses: ${refuses}\n`, '')).toEqual([]);
  expect(await differences('', `addresses: ${refuses}`)).toEqual([]);
  expect(await differences('', '', 'approve')).toEqual([]);
});
