import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import type { Readiness } from '../../../../src/api/health.js';
import { examineEngine } from '../../../../src/cli/doctor/engine.js';
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

const redis = { ok: true, detail: 'writable' };

test('an engine that works, but cannot use the changed playbooks, is ready, and that is wrong', async () => {
  const reload = { ok: false, detail: 'not taken at 8:00: a.yaml:1:1: name: missing' };
  expect(await examined({ ready: true, checks: { redis, reload } })).toEqual([
    'ok: ready at http://127.0.0.1:PORT: redis writable',
    'wrong: at http://127.0.0.1:PORT the changed playbooks were not taken at 8:00: a.yaml:1:1: name: missing',
  ]);
  const fine = { ok: true, detail: 'taken' };
  expect(await examined({ ready: true, checks: { redis, reload: fine } })).toEqual([
    'ok: ready at http://127.0.0.1:PORT: redis writable, reload taken',
  ]);
});

test('an engine that does not reach a target is ready, and that is wrong', async () => {
  const swarm = { ok: false, detail: 'no answer since 8:00: ECONNREFUSED' };
  const aws = { ok: true, detail: 'answers' };
  expect(await examined({ ready: true, checks: { redis, swarm, aws } })).toEqual([
    'ok: ready at http://127.0.0.1:PORT: redis writable, aws answers',
    'wrong: the engine at http://127.0.0.1:PORT does not reach swarm: no answer since 8:00: ECONNREFUSED',
  ]);
});

test('an engine that is not ready is wrong for each check that fails', async () => {
  const broken = { ok: false, detail: 'OOM' };
  expect(await examined({ ready: false, checks: { redis: broken } })).toEqual([
    'wrong: at http://127.0.0.1:PORT it is not ready: redis: OOM',
  ]);
});

test('an engine that takes alerts in and does not work them off is wrong, for each check that says so', async () => {
  const worker = { ok: false, detail: 'no worker is on this Redis' };
  const queue = { ok: false, detail: 'NOPERM bzpopmin' };
  const slackSocket = { ok: false, detail: 'not connected' };
  const checks = { redis, worker, queue, slack_socket: slackSocket };
  expect(await examined({ ready: true, checks })).toEqual([
    'ok: ready at http://127.0.0.1:PORT: redis writable',
    'wrong: at http://127.0.0.1:PORT it takes alerts in, but worker: no worker is on this Redis',
    'wrong: at http://127.0.0.1:PORT it takes alerts in, but queue: NOPERM bzpopmin',
    'wrong: at http://127.0.0.1:PORT it takes alerts in, but slack_socket: not connected',
  ]);
});
