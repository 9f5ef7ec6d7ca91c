import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import type { Labels } from '../../src/alertmanager/alert.js';
import { parseNotification } from '../../src/alertmanager/payload.js';
import { readConfig } from '../../src/app/config.js';
import { startWorker } from '../../src/app/worker.js';
import { answerEscalation } from '../../src/engine/people/answer.js';
import { cancelRun } from '../../src/engine/people/cancel.js';
import { anybodyDecides } from '../../src/escalation/person.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { systemClock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import { defaultPolicy } from '../../src/playbook/policy.js';
import { createQueues } from '../../src/queue/queues.js';
import type { SwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { makeDir } from '../support/parts/place.js';

import { createGate, type Place } from './gate.js';
import { startRedisProxy } from './redis-proxy.js';
import { startSwarmProxy } from './swarm-proxy.js';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const log = createLogger('silent');
const withinMs = 150_000;

/** An engine of its own cell that may be killed at a certain place, after which another one takes its place. */
export interface Life {
  readonly ledger: Ledger;
  /** The writes and calls of the first engine. */
  readonly passed: readonly string[];
  /** Whether the first engine has been killed. */
  killed(): boolean;
  /** Settles when the first engine has been killed. */
  readonly death: Promise<void>;
  /** Sends a notification until it is taken. */
  notify(labels: Labels, status: 'firing' | 'resolved'): Promise<void>;
  /** Answers an escalation until the answer is taken, or somebody has answered. */
  answer(id: string, choiceId: string): Promise<void>;
  /** Cancels a run until that is taken, or somebody has cancelled it. */
  cancel(id: string): Promise<void>;
  /** Waits until something holds, and fails with what was seen last. */
  until<T>(what: string, look: () => Promise<T>, holds: (seen: T) => boolean): Promise<T>;
  stop(): Promise<void>;
}

interface LifeOptions {
  readonly cell: string;
  readonly redis: Redis;
  readonly redisPort: number;
  readonly swarm: SwarmSim;
  readonly playbooks: string;
  readonly place: Place | undefined;
}

/** Starts the built engine behind proxies that kill it (SIGKILL) at the place. */
export async function startLife(options: LifeOptions): Promise<Life> {
  const { cell, redis, redisPort, swarm, playbooks, place } = options;
  let child: ChildProcess | undefined;
  let killed = false;
  let died = () => {};
  const death = new Promise<void>((resolve) => {
    died = resolve;
  });
  const gate = createGate({
    place,
    kill() {
      killed = true;
      child?.kill('SIGKILL');
      died();
    },
  });
  const redisProxy = await startRedisProxy({ port: redisPort, gate });
  const swarmProxy = await startSwarmProxy({ url: swarm.url(), gate });
  const { PATH = '' } = process.env;
  const env = { JIDOKA_CELL: cell, JIDOKA_PLAYBOOKS: playbooks, LOG_LEVEL: 'silent' };
  const engine = spawn(process.execPath, [main, 'serve'], {
    cwd: await makeDir('engine'),
    env: {
      PATH,
      PORT: '0',
      REDIS_URL: `redis://127.0.0.1:${redisProxy.port}`,
      DOCKER_HOST: `tcp://127.0.0.1:${swarmProxy.port}`,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  /** Where it listens, as soon as it says so; until then nothing can be posted. */
  let url = '';
  child = engine;
  createInterface({ input: engine.stderr }).on('line', (line) => {
    url ||= line.match(/listening on (\S+)/)?.[1] ?? '';
  });
  const exited = once(engine, 'exit');

  const ledger = createLedger({ redis, cell });
  const queues = createQueues({ connection: redis, cell, log });
  const another = death.then(async () => {
    await exited;
    return startWorker({
      config: readConfig({ ...env, DOCKER_HOST: swarm.dockerHost() }),
      redisUrl: `redis://127.0.0.1:${redisPort}`,
      markerDir: undefined,
      log,
      onDeath: (error) => log.error({ err: error }, 'it cannot go on'),
    });
  });
  // a start that failed is told by whoever waits for it in vain
  another.catch(() => {});

  const person = { via: 'api', name: 'ada' } as const;
  const parts = {
    ledger,
    clock: systemClock,
    wake: queues.enqueueItem,
    policy: () => defaultPolicy,
    mayDecide: anybodyDecides,
  };
  const post = (path: string, body: object) =>
    fetch(`${url}/api/v1/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  /** Tries with the first engine until it takes it, or with the other once that is dead. */
  async function insist(first: () => Promise<Response>, then: () => Promise<unknown>) {
    for (const giveUpAt = Date.now() + withinMs; Date.now() < giveUpAt; await sleep(50)) {
      if (killed) return void (await then());
      const answer = url === '' ? null : await first().catch(() => null);
      await answer?.body?.cancel();
      if (answer?.ok || answer?.status === 409) return;
    }
    throw new Error('nothing was taken');
  }

  return {
    ledger,
    passed: gate.passed,
    killed: () => killed,
    death,
    async notify(labels, status) {
      const body = webhookBody([webhookAlert(labels, { status })]);
      await insist(
        () => postAlerts(url, body),
        () =>
          queues.enqueue({
            source: 'alertmanager',
            receivedAtMs: Date.now(),
            notification: parseNotification(body),
          }),
      );
    },
    async answer(id, choiceId) {
      const path = `escalations/${id}/answer`;
      await insist(
        () => post(path, { choice: choiceId, by: person.name }),
        () => answerEscalation(parts, { id, choiceId, person }),
      );
    },
    async cancel(id) {
      await insist(
        () => post(`runs/${id}/cancel`, { by: person.name }),
        () => cancelRun(parts, { id, person }),
      );
    },
    until: (what, look, holds) => eventually(what, look, holds, withinMs),
    async stop() {
      child?.kill('SIGKILL');
      await exited;
      if (killed) await another.then((acting) => acting.stop(1_000));
      await Promise.all([redisProxy.stop(), swarmProxy.stop()]);
    },
  };
}
