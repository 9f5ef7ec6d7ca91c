import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identityOf } from '../../src/alertmanager/identity.js';
import { parseNotification } from '../../src/alertmanager/payload.js';
import { readConfig } from '../../src/app/config.js';
import { startWorker } from '../../src/app/worker.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { createLogger } from '../../src/lib/logger.js';
import { createQueues } from '../../src/queue/queues.js';
import { createAutoScalingSim } from '../../src/sim/auto-scaling.js';
import { webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

const playbooks = `
name: scale-service
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
---
name: scale-group
summary: Adds an instance.
match: alertname = "Full"
mode: auto
steps:
  - asg.resize: { group: workers, by: 1 }
`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const log = createLogger('silent');
const autoScaling = createAutoScalingSim();
let bench: Awaited<ReturnType<typeof start>>;
beforeEach(async () => {
  bench = await start();
});

/** A Docker engine that takes connections and never answers. Gives back its address. */
async function startHangingDocker(): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The acting half with its playbooks, a Swarm that hangs and an Auto Scaling that works. */
async function start() {
  const redisUrl = usePart('redis').url;
  const cell = `test-${randomUUID()}`;
  const dir = await makeDir('playbooks');
  for (const [index, text] of playbooks.split('---').entries()) {
    await writeFile(join(dir, `${index}.yaml`), text);
  }
  await autoScaling.start();
  cleanups.push(() => autoScaling.stop());
  process.env.AWS_ACCESS_KEY_ID = 'AKIATEST';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  const config = readConfig({
    JIDOKA_CELL: cell,
    JIDOKA_PLAYBOOKS: dir,
    DOCKER_HOST: await startHangingDocker(),
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: autoScaling.url(),
  });
  const acting = await startWorker({
    config,
    redisUrl,
    markerDir: undefined,
    log,
    onDeath: (error) => log.error({ err: error }, 'it cannot go on'),
  });
  cleanups.push(() => acting.stop(100));
  const redis = new Redis(redisUrl);
  cleanups.push(() => redis.disconnect());
  const ledger = createLedger({ redis, cell });
  const queues = createQueues({ connection: redis, cell, log });

  async function states(): Promise<Record<string, string>> {
    const ids = await redis.zrange(ledger.keys.escalations, '0', '-1');
    const all = await Promise.all(ids.map((id) => ledger.escalation(id)));
    return Object.fromEntries(all.map((one) => [one?.value.labels.alertname, one?.value.state]));
  }

  async function post(...alerts: ReturnType<typeof webhookAlert>[]): Promise<void> {
    const notification = parseNotification(webhookBody(alerts));
    await queues.enqueue({ source: 'alertmanager', receivedAtMs: Date.now(), notification });
  }

  return { ledger, states, post };
}

test('what needs nothing of a Swarm that hangs goes on while it hangs, however much waits for it', async () => {
  const { ledger, states, post } = bench;
  autoScaling.addGroup({ name: 'workers', min: 1, max: 5, desired: 2 });
  const passing = { alertname: 'Passing' };
  await post(webhookAlert(passing));
  await eventually('a person is asked', states, (seen) => seen.Passing === 'open');

  const names = Array.from({ length: 512 }, (_, index) => `service-${index}`);
  const slow = names.map((service) => webhookAlert({ alertname: 'Slow', service }));
  for (let from = 0; from < slow.length; from += 128) await post(...slow.slice(from, from + 128));
  await post(webhookAlert({ alertname: 'Unheard' }));
  await post(webhookAlert(passing, { status: 'resolved' }));
  await post(webhookAlert({ alertname: 'Full' }));

  const withinMs = 40_000;
  const ends = (seen: Record<string, string>) =>
    seen.Unheard === 'open' && seen.Passing === 'withdrawn';
  await eventually('the others are decided', states, ends, withinMs);
  const desired = () => autoScaling.group('workers').desired;
  await eventually('the group grows', desired, (size) => size === 3, withinMs);

  const identities = names.map((service) =>
    identityOf({ alertname: 'Slow', service }, new Set(['replica', 'prometheus_replica'])),
  );
  const held = await eventually(
    'nothing is decided about the services',
    async () => (await ledger.episodes(identities)).flatMap((one) => one?.value.verdicts ?? []),
    (verdicts) => verdicts.length === names.length,
    withinMs,
  );
  expect(new Set(held.map(({ fate, reason }) => `${fate} ${reason}`))).toEqual(
    new Set(['held target_unavailable']),
  );
});
