import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startService, type TestService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/* Guards in the engine as it is started, in front of a real Swarm whose size it reads itself. */

const undo: (() => Promise<unknown>)[] = [];
const services: TestService[] = [];
let jidoka: Jidoka;

beforeAll(async () => {
  for (const name of ['one', 'two', 'three']) {
    const service = await startService({ name: `guards-${name}`, replicas: 1 });
    undo.push(() => service.remove());
    services.push(service);
  }
  const playbooks = await mkdtemp(join(tmpdir(), 'jidoka-guards-'));
  undo.push(() => rm(playbooks, { recursive: true }));
  const playbook = [
    'name: add-one',
    'summary: Adds a replica.',
    'match: alertname = "Slow"',
    'mode: auto',
    'steps:',
    '  - swarm.scale: { service: "${{ labels.service }}", by: 1, max: 5 }',
  ];
  await writeFile(join(playbooks, 'add-one.yaml'), playbook.join('\n'));
  await writeFile(join(playbooks, 'policy.yaml'), 'blast_radius: { share: 1% }\n');
  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `guards-${randomUUID()}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: playbooks,
  });
  undo.push(() => jidoka.stop());
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

async function fire({ name = '' }: Partial<TestService>): Promise<void> {
  await postAlerts(jidoka.url, webhookBody([webhookAlert({ alertname: 'Slow', service: name })]));
}

/** What was made of the alert about a service, once that is known. */
async function verdict({ name }: Partial<TestService>) {
  type Alert = { labels: { service: string }; verdicts: { fate: string; reason: string }[] };
  const found = await eventually(
    `the alert about ${name} is decided`,
    async () =>
      (await jidoka.api<{ items: Alert[] }>('alerts')).items.find(
        ({ labels }) => labels.service === name,
      )?.verdicts[0],
    (seen) => seen !== undefined,
  );
  return found?.reason;
}

async function post(path: string, body: object): Promise<number> {
  const { status } = await fetch(`${jidoka.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return status;
}

test('the share of the real fleet trips at the second service, and a pause holds after the reset', async () => {
  const [one = {}, two = {}, three = {}] = services;
  await fire(one);
  expect(await verdict(one)).toBe('matched');
  await fire(two);
  expect(await verdict(two)).toBe('blast_radius');
  const { tripped } = await jidoka.api<{ tripped: { detail: string } }>('blast-radius');
  expect(tripped.detail).toMatch(/^more than 1 of \d+ targets of kind swarm\.service \(1%\)/);
  const { items } = await jidoka.api<{ items: { reason: string }[] }>('escalations');
  // other tests have services on this Swarm, with labels that cannot be read, too
  const own = items.filter(({ reason }) => reason !== 'labels_unreadable');
  expect(own).toMatchObject([{ reason: 'blast_radius' }]);

  expect(await post('pauses', { of: 'everything', by: 'ada', why: 'release' })).toBe(200);
  expect(await post('blast-radius/reset', { by: 'ada' })).toBe(200);
  await fire(three);
  expect(await verdict(three)).toBe('paused');
  expect(await services[2]?.running()).toBe(1);
});

test('the number of open breakers is among the metrics', async () => {
  const text = await (await fetch(`${jidoka.url}/metrics`)).text();
  expect(text).toMatch(/^jidoka_breakers_open 0$/m);
});
