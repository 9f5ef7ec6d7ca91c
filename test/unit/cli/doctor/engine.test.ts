import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { examineEngine } from '../../../../src/cli/doctor/engine.js';
import type { Readiness } from '../../../../src/receiver/health.js';
import { lines } from '../../../support/findings.js';

/** What is found of an engine that says this of itself. */
async function examined(readiness: Readiness): Promise<string[]> {
  const server = createServer((_, response) => response.end(JSON.stringify(readiness)));
  onTestFinished(() => {
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const found = lines(await examineEngine({ listen: '127.0.0.1', port, timeoutMs: 5_000 }));
  return found.map((line) => line.replaceAll(String(port), 'PORT'));
}

const redis = { ok: true, detail: 'takes transactions' };

test('an engine that works, but cannot use the changed playbooks, is ready, and that is wrong', async () => {
  const reload = { ok: false, detail: 'not taken at 8:00: a.yaml:1:1: name: missing' };
  expect(await examined({ ready: true, checks: { redis, reload } })).toEqual([
    'ok: ready at http://127.0.0.1:PORT: redis takes transactions',
    'wrong: at http://127.0.0.1:PORT the changed playbooks were not taken at 8:00: a.yaml:1:1: name: missing',
  ]);
  const fine = { ok: true, detail: 'taken' };
  expect(await examined({ ready: true, checks: { redis, reload: fine } })).toEqual([
    'ok: ready at http://127.0.0.1:PORT: redis takes transactions, reload taken',
  ]);
});

test('an engine that is not ready is wrong for each check that fails', async () => {
  const broken = { ok: false, detail: 'OOM' };
  expect(await examined({ ready: false, checks: { redis: broken } })).toEqual([
    'wrong: at http://127.0.0.1:PORT it is not ready: redis: OOM',
  ]);
});
