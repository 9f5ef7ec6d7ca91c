import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSlackSim, type SlackSim } from '../../src/sim/slack.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startService, type TestService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/* One click acts: on a real Swarm, through the strict Slack. And without Slack, through the API. */

const channel = '#ops';
const undo: (() => Promise<unknown>)[] = [];
let slack: SlackSim;
let jidoka: Jidoka;
let service: TestService;

beforeAll(async () => {
  const signingSecret = randomUUID();
  const botToken = `xoxb-${randomUUID()}`;
  slack = createSlackSim({ botToken, signingSecret, channels: [{ id: 'C1', name: 'ops' }] });
  await slack.start();
  undo.push(() => slack.stop());
  service = await startService({ name: `click-${randomUUID().slice(0, 8)}`, replicas: 1 });
  undo.push(() => service.remove());

  const playbooks = await mkdtemp(join(tmpdir(), 'jidoka-click-'));
  undo.push(() => rm(playbooks, { recursive: true }));
  await writeFile(
    join(playbooks, 'asks.yaml'),
    [
      'name: asks-first',
      'summary: Adds a replica after a person agreed.',
      'match: alertname = "Asks"',
      'mode: approve',
      'steps:',
      '  - swarm.scale: { service: "${{ labels.service }}", by: 1, max: 5 }',
      'guards: { cooldown: 1s }',
    ].join('\n'),
  );
  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `click-${randomUUID()}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: playbooks,
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    JIDOKA_ADMIN_TOKEN: 'admin',
    SLACK_CHANNEL: channel,
    SLACK_API_URL: slack.apiUrl(),
  });
  undo.push(() => jidoka.stop());
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

test('a click on the suggestion for an unknown alert scales the service, once, and the message says who', async () => {
  const labels = { alertname: 'UnknownLoad', service: service.name };
  await postAlerts(jidoka.url, webhookBody([webhookAlert(labels)]));
  // other tests have services on this Swarm, and the engine may tell of those, too
  const messages = () =>
    slack.messages(channel).filter(({ blocks }) => JSON.stringify(blocks).includes(service.name));
  const text = () => JSON.stringify(messages()[0]?.blocks ?? []);
  await eventually(
    'a message is posted',
    () => messages().length,
    (n) => n === 1,
  );
  expect(text()).toContain(`Scale ${service.name} 1 → 2`);
  const { ts } = messages()[0] ?? { ts: '' };
  const click = (id: string, name: string) =>
    slack.click({
      channel,
      ts,
      actionId: 'up',
      user: { id, name },
      url: `${jidoka.url}/slack/interactions`,
    });

  const answers = await Promise.all([click('U1', 'ana'), click('U2', 'ben'), click('U1', 'ana')]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await eventually(
    '2 tasks run',
    () => service.running(),
    (count) => count === 2,
  );
  await eventually('the message says so', text, (blocks) => blocks.includes('converged'));
  expect(text()).toMatch(/(ana|ben) \(U\d\)/);
  const buttons = text().match(/"action_id":"[^"]*"/g);
  expect(buttons).toEqual(['"action_id":"cancel_run"']);
  expect((await jidoka.api<{ items: unknown[] }>('runs')).items).toHaveLength(1);
  await eventually(
    'the late are told',
    () => slack.ephemerals.length,
    (count) => count === 2,
  );

  await postAlerts(jidoka.url, webhookBody([webhookAlert(labels, { status: 'resolved' })]));
  await eventually('the run is done', lastRun, (run) => run?.outcome?.reason === 'resolved');
  expect(await service.running()).toBe(2);
});

test('a playbook that asks first acts after a yes through the API, and a second answer is too late', async () => {
  const labels = { alertname: 'Asks', service: service.name };
  await postAlerts(jidoka.url, webhookBody([webhookAlert(labels)], 'asks'));
  const question = await eventually(
    'a question is open',
    async () => (await escalations()).find(({ kind }) => kind === 'approval'),
    (found) => found !== undefined,
  );
  expect(question?.detail).toContain('from 2 to 3 replicas');
  expect(await service.running()).toBe(2);

  const answer = (choice: string) =>
    fetch(`${jidoka.url}/api/v1/escalations/${question?.id}/answer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer admin' },
      body: JSON.stringify({ choice, by: 'cleo' }),
    });
  expect((await answer('perhaps')).status).toBe(400);
  expect((await answer('approve')).status).toBe(200);
  const late = await answer('deny');
  expect(late.status).toBe(409);
  expect(await late.text()).toContain('cleo');
  await eventually(
    '3 tasks run',
    () => service.running(),
    (count) => count === 3,
  );
});

async function lastRun() {
  const { items } = await jidoka.api<{
    items: readonly { outcome: { reason: string } | null }[];
  }>('runs');
  return items[0];
}

async function escalations() {
  const { items } = await jidoka.api<{
    items: readonly { id: string; kind: string; detail: string }[];
  }>('escalations?state=open');
  return items;
}
