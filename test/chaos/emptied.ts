import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { acceptLedger } from '../../src/engine/health/restored.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { systemClock } from '../../src/lib/clock.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { makeDir, onFreePort } from '../support/parts/place.js';
import { startFrailRedis } from './frail-redis.js';
import { startMortal } from './mortal.js';
import { createRandom } from './random.js';
import { sentTwice } from './verdict.js';

/** What came of a ledger that was emptied again and again. */
export interface EmptiedResult {
  readonly rounds: number;
  readonly kills: number;
  /** Changes that were sent while everything was in order. */
  readonly effects: number;
  /** Changes that no ledger had an intention for, a line for each service. */
  readonly unintended: readonly string[];
  /** What a ledger did before a person had accepted it, a line each. */
  readonly early: readonly string[];
}

const cell = 'jidoka';
const playbook = `
name: add
summary: Adds a replica.
match: alertname = "Busy"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 1000 }
    settle: 1s
guards: { cooldown: 0 }
`;
const policy = `
limits: { fleet: [1000000 per 1h], playbook: [1000000 per 1h], target: [1000000 per 1h] }
blast_radius: { targets: 1000000 per 1h }
breaker: { failures: 1000000 }
`;
/** How long alerts go on after the loss was noticed, with everything paused. */
const pausedMs = 3_000;
const acts = new Set(['admitted', 'started', 'applying', 'applied']);

/**
 * Empties Redis at random moments while two engines, one of which is killed again and again, act on a
 * stream of alerts. In each round a person accepts the new ledger in the end.
 */
export async function emptyAgainAndAgain(rounds: number, seed: number): Promise<EmptiedResult> {
  const random = createRandom(seed);
  const services = Array.from({ length: 20 }, (_, index) => `emptied-${index}`);
  const playbooks = await makeDir('emptied-playbooks');
  await mkdir(playbooks, { recursive: true });
  await writeFile(join(playbooks, 'add.yaml'), playbook);
  await writeFile(join(playbooks, 'policy.yaml'), policy);
  const swarm = createSwarmSim({ convergeMs: 50 });
  await swarm.start();
  const serviceIds = new Map(
    services.map((name) => [name, swarm.addService({ name, replicas: 1 })]),
  );
  const redis = await startFrailRedis(await makeDir('emptied-redis'));
  const ports = [await freePort(), await freePort()];
  const dirs = [await makeDir('engine'), await makeDir('engine')];
  const mortals = ports.map((port, index) =>
    startMortal({
      dir: dirs[index] ?? '',
      env: {
        PORT: String(port),
        REDIS_URL: redis.url,
        JIDOKA_CELL: cell,
        DOCKER_HOST: swarm.dockerHost(),
        JIDOKA_PLAYBOOKS: playbooks,
      },
      random: random.fork(),
      absenceMs: 500,
    }),
  );
  // one of them lives on, so that somebody takes alerts all the time
  mortals[0]?.spare();
  const client = new Redis(redis.url);
  const ledger = createLedger({ redis: client, cell });
  const { keys } = ledger;

  let sends = true;
  let number = 0;
  const sending = (async () => {
    while (sends) {
      number += 1;
      const labels = { alertname: 'Busy', service: random.pick(services), id: String(number) };
      const url = `http://127.0.0.1:${ports[number % ports.length]}`;
      const body = webhookBody([webhookAlert(labels)], `group-${number}`);
      const answer = await postAlerts(url, body, { connection: 'close' }).catch(() => null);
      await answer?.body?.cancel();
      await sleep(random.between(5, 60));
    }
  })();

  const audit: AuditRecord[] = [];
  const early: string[] = [];
  try {
    for (const dir of dirs) {
      const marker = join(dir, '.data', `restore-marker-${cell}.json`);
      await eventually(
        'the engine has a restore marker',
        () =>
          access(marker).then(
            () => true,
            () => false,
          ),
        (exists) => exists,
      );
    }
    for (let round = 1; round <= rounds; round += 1) {
      const before = swarm.updates.length;
      await eventually(
        'the engines act',
        () => swarm.updates.length,
        (count) => count > before,
      );
      await sleep(random.between(0, 3_000));
      audit.push(...(await takeAll(client, keys.audit)));
      await eventually(
        'the loss is noticed',
        () => client.hexists(keys.pauses, 'everything'),
        (paused) => paused === 1,
      );
      await sleep(pausedMs);
      const records = await recordsOf(client, keys.audit);
      early.push(
        ...records
          .filter(({ subject, event }) => subject === 'run' && acts.has(event))
          .map(({ id, event }) => `round ${round}: run ${id} was ${event}`),
      );
      await acceptLedger({ ledger, clock: systemClock }, 'the test');
    }
    sends = false;
    await sending;
    for (const mortal of mortals) await mortal.stop();
    audit.push(...(await recordsOf(client, keys.audit)));
    return {
      rounds,
      kills: mortals.reduce((sum, mortal) => sum + mortal.kills(), 0),
      effects: swarm.updates.length,
      unintended: sentTwice({ requests: swarm.requests, serviceIds }, audit),
      early,
    };
  } finally {
    sends = false;
    client.disconnect();
    await Promise.all(mortals.map((mortal) => mortal.stop()));
    await redis.stop();
    await swarm.stop();
  }
}

/** The audit trail, and empties Redis in the same moment: what is intended later is in the next ledger. */
async function takeAll(redis: Redis, audit: string): Promise<AuditRecord[]> {
  const done = await redis.multi().xrange(audit, '-', '+').flushall().exec();
  return parsed((done?.[0]?.[1] ?? []) as [string, string[]][]);
}

async function recordsOf(redis: Redis, audit: string): Promise<AuditRecord[]> {
  return parsed(await redis.xrange(audit, '-', '+'));
}

function parsed(entries: readonly (readonly [string, readonly string[]])[]): AuditRecord[] {
  return entries.map(([, fields]) => JSON.parse(fields[1] ?? 'null') as AuditRecord);
}

function freePort(): Promise<number> {
  return onFreePort(async (port) => port);
}
