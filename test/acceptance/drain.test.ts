import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { identityOf } from '../../src/alertmanager/identity.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { startJidoka } from '../support/jidoka.js';
import { usePart } from '../support/parts.js';

/** The engine may take this long to finish what is in work. */
const drainMs = 30_000;

test('an engine that is told to end in a storm ends in time and leaves everything to the next one', async () => {
  const swarm = createSwarmSim();
  await swarm.start();
  onTestFinished(() => swarm.stop());
  const cell = `drain-${randomUUID()}`;
  const redis = new Redis(usePart('redis').url);
  onTestFinished(() => redis.disconnect());
  const ledger = createLedger({ redis, cell });
  const env = {
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: cell,
    DOCKER_HOST: swarm.dockerHost(),
    LOG_LEVEL: 'fatal',
  };
  const first = await startJidoka(env);
  const sent: Record<string, string>[] = [];
  const taken: Record<string, string>[] = [];
  const post = async (index: number) => {
    const labels = Array.from({ length: 20 }, (_, each) => ({
      alertname: 'Drain',
      instance: `${index}-${each}`,
    }));
    sent.push(...labels);
    const body = webhookBody(labels.map((one) => webhookAlert(one)));
    // what is not taken any more is Alertmanager's to send again
    const answer = await postAlerts(first.url, body).catch(() => null);
    if (answer?.ok) taken.push(...labels);
  };
  const posting = Promise.all(Array.from({ length: 100 }, (_, index) => post(index)));
  await eventually(
    'some are taken',
    () => taken.length,
    (count) => count > 0,
  );
  const startedAt = performance.now();
  expect(await first.stop()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(drainMs);
  await posting;

  const next = await startJidoka(env);
  onTestFinished(async () => void (await next.stop()));
  await eventually(
    'everything that was taken has its fate',
    async () => {
      const stored = await ledger.episodes(taken.map((labels) => identityOf(labels, new Set())));
      return stored.filter((one) => (one?.value.verdicts.length ?? 0) === 0).length;
    },
    (left) => left === 0,
  );
});
