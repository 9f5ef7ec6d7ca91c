import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { createAlertmanager } from '../../src/alertmanager/alertmanager.js';
import { createKeys } from '../../src/ledger/keys.js';
import { eventually } from '../support/eventually.js';
import { startJidoka } from '../support/jidoka.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';
import { dockerClient, startService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/*
 * An alert fires while nothing listens at the webhook's address. The engine starts, nothing is
 * delivered to it, and all the same a service of a real Swarm gets its replica.
 */

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const config = {
  route: { receiver: 'jidoka', group_wait: '0s', group_interval: '1h', repeat_interval: '4h' },
  receivers: [
    { name: 'jidoka', webhook_configs: [{ url: 'http://127.0.0.1:1/webhooks/alertmanager' }] },
  ],
};

test('an engine that was down catches up with what fires, from Alertmanager itself', async () => {
  const service = await startService({
    name: `missed-${randomUUID().slice(0, 8)}`,
    replicas: 1,
    labels: { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' },
  });
  undo.push(() => service.remove());
  const alertmanager = await startAlertmanager({ config });
  undo.push(alertmanager.stop);
  const labels = { alertname: 'Missed', service: service.name, scale: 'up' };
  await createAlertmanager({ url: alertmanager.url, timeoutMs: 5_000 }).post([
    {
      labels,
      annotations: {},
      startsAtMs: Date.now() - 3_600_000,
      endsAtMs: Date.now() + 3_600_000,
    },
  ]);

  const cell = `acceptance-${randomUUID()}`;
  await beginLedger(cell, Date.now() - 2 * 3_600_000);
  const jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: cell,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: await playbooks(),
    ALERTMANAGER_URL: alertmanager.url,
    ALERTMANAGER_RECEIVER: 'jidoka',
  });
  undo.push(() => jidoka.stop());
  expect(jidoka.report.join('\n')).toMatch(/Alertmanager +connected .*version .*receiver jidoka/);

  const spec = () => dockerClient().getService(service.id).inspect();
  await eventually(
    'the service has 2 replicas',
    async () => (await spec()).Spec.Mode.Replicated.Replicas,
    (count) => count === 2,
  );
  const { items } = await jidoka.api<{ items: readonly { labels: object }[] }>('alerts');
  expect(items).toMatchObject([{ labels, source: 'alertmanager' }]);
  const metrics = await (await fetch(`${jidoka.url}/metrics`)).text();
  expect(metrics).toMatch(/jidoka_reconciliations_total\{result="complete"\} [1-9]/);
  expect(metrics).toMatch(/jidoka_redis_durable\{setting="appendonly"\} 1/);
});

/** A ledger that an engine began before the alert did. */
async function beginLedger(cell: string, beganMs: number): Promise<void> {
  const redis = new Redis(usePart('redis').url);
  const { ledgerId, ledgerBegan } = createKeys(cell);
  await redis.mset({ [ledgerId]: randomUUID(), [ledgerBegan]: beganMs });
  redis.disconnect();
}

test('the report at the start says what is missing', async () => {
  const alertmanager = await startAlertmanager({ config });
  undo.push(alertmanager.stop);
  const report = async (env: Record<string, string>) => {
    const jidoka = await startJidoka({
      REDIS_URL: usePart('redis').url,
      JIDOKA_CELL: `acceptance-${randomUUID()}`,
      ALERTMANAGER_URL: alertmanager.url.replace('http://', 'http://ada:hunter2@'),
      ...env,
    });
    await jidoka.stop();
    expect(jidoka.report.join('\n')).not.toContain('hunter2');
    return jidoka.report.find((line) => line.startsWith('  Alertmanager'));
  };
  expect(await report({})).toMatch(/connected .*set ALERTMANAGER_RECEIVER/);
  expect(await report({ ALERTMANAGER_RECEIVER: 'jidokas' })).toMatch(
    /NOT CONNECTED .*no receiver jidokas; check ALERTMANAGER_RECEIVER/,
  );
});

/** The shipped playbooks, with a group wait that a test can wait for. */
async function playbooks(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'jidoka-playbooks-'));
  undo.push(() => rm(dir, { recursive: true }));
  await cp('playbooks', dir, { recursive: true });
  const policy = join(dir, 'policy.yaml');
  const text = await readFile(policy, 'utf8');
  await writeFile(policy, text.replace('group_wait: 30s', 'group_wait: 1s'));
  return dir;
}
