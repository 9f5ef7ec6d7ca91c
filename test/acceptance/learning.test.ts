import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hasPassed } from '../../src/cli/test/report.js';
import { runFiles } from '../../src/cli/test/run-files.js';
import { createSwarm } from '../../src/integrations/swarm/client.js';
import { createSlackSim, type SlackSim } from '../../src/sim/slack.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startService, type TestService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/*
 * What a human did once becomes a playbook: an alert that nothing knows, a click that helps, the offer,
 * the draft, and the same alert again, first with one click and then by itself. On a real Swarm,
 * through the strict Slack.
 */

const channel = '#ops';
const undo: (() => Promise<unknown>)[] = [];
let slack: SlackSim;
let jidoka: Jidoka;
let service: TestService;
let folder: string;
let labels: Readonly<Record<string, string>>;

beforeAll(async () => {
  const signingSecret = randomUUID();
  const botToken = `xoxb-${randomUUID()}`;
  const appToken = `xapp-${randomUUID()}`;
  const channels = [{ id: 'C1', name: 'ops' }];
  slack = createSlackSim({ botToken, appToken, signingSecret, channels });
  await slack.start();
  undo.push(() => slack.stop());
  const name = `learn-${randomUUID().slice(0, 8)}`;
  service = await startService({ name, replicas: 1 });
  undo.push(() => service.remove());
  folder = await mkdtemp(join(tmpdir(), 'jidoka-learning-'));
  undo.push(() => rm(folder, { recursive: true }));
  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `learning-${randomUUID()}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: folder,
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    JIDOKA_ADMIN_TOKEN: 'admin',
    SLACK_APP_TOKEN: appToken,
    SLACK_CHANNEL: channel,
    SLACK_API_URL: slack.apiUrl(),
  });
  undo.push(() => jidoka.stop());
  labels = { alertname: 'TooSlow', service: service.name, severity: 'critical', pod: 'x-1' };
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const fires = () =>
  postAlerts(
    jidoka.url,
    webhookBody([webhookAlert(labels, { startsAt: new Date().toISOString() })]),
  );
const resolves = () =>
  postAlerts(jidoka.url, webhookBody([webhookAlert(labels, { status: 'resolved' })]));

/** The latest message that has a button with this id. */
function messageWith(actionId: string) {
  return eventually(
    `a message has the button ${actionId}`,
    () =>
      slack
        .messages(channel)
        .findLast(({ blocks }) => JSON.stringify(blocks).includes(`"action_id":"${actionId}"`)),
    (found) => found !== undefined,
  );
}

/** A person's click, which comes over the socket or over HTTP. */
async function click(actionId: string, door: 'socket' | 'http'): Promise<void> {
  const message = await messageWith(actionId);
  await slack.click({
    channel,
    ts: message?.ts ?? '',
    actionId,
    user: { id: 'U1', name: 'ana' },
    ...(door === 'http' && { url: `${jidoka.url}/slack/interactions` }),
  });
}

const shown = () => JSON.stringify(slack.messages(channel).map(({ blocks }) => blocks));

async function runs(count: number): Promise<void> {
  await eventually(
    `${count} tasks run`,
    () => service.running(),
    (now) => now === count,
  );
}

async function scaleBack(): Promise<void> {
  const swarm = createSwarm({ dockerHost: usePart('docker').dockerHost, timeoutMs: 8_000 });
  await swarm.scale(await swarm.service(service.name), 1);
  await runs(1);
}

/** Waits until the latest run has resolved. */
async function helped(origin: string): Promise<void> {
  await eventually(
    'the run has helped',
    async () => {
      const { items } = await jidoka.api<{
        items: readonly { origin: { kind: string }; outcome: { reason: string } | null }[];
      }>('runs');
      return items[0];
    },
    (run) => run?.origin.kind === origin && run.outcome?.reason === 'resolved',
  );
}

/** What the operator does with the file in an editor. */
async function edit(from: RegExp, to: string): Promise<void> {
  const [name = ''] = (await readdir(join(folder, 'learned'))).filter(
    (file) => !file.endsWith('.test.yaml'),
  );
  const path = join(folder, 'learned', name);
  const text = await readFile(path, 'utf8');
  expect(text).toMatch(from);
  await writeFile(path, text.replace(from, to));
  const answer = await fetch(`${jidoka.url}/-/reload`, {
    method: 'POST',
    headers: { authorization: 'Bearer admin' },
  });
  expect(answer.status).toBe(200);
}

test('what a person did once is a playbook afterwards, which asks, and later acts by itself', async () => {
  await fires();
  await click('up', 'http');
  await runs(2);
  await resolves();
  await helped('person');

  await click('draft', 'socket');
  await messageWith('accept');
  expect(shown()).toContain('mode: approve');
  await eventually('it was tried on the history', shown, (text) =>
    text.includes('it would match 1 alert,'),
  );
  await click('accept', 'socket');
  await eventually('the message says where', shown, (text) =>
    text.includes('Written to `learned/'),
  );

  const results = await runFiles({ paths: [folder], folder, policy: undefined, only: '' });
  expect(results).toHaveLength(1);
  expect(results.every(hasPassed)).toBe(true);
  const { items } = await jidoka.api<{ items: readonly { name: string; mode: string }[] }>(
    'playbooks',
  );
  expect(items).toMatchObject([{ mode: 'approve' }]);

  await scaleBack();
  await edit(/cooldown: 10m/, 'cooldown: 1s');
  await fires();
  await messageWith('approve');
  expect(await service.running()).toBe(1);
  await click('approve', 'http');
  await runs(2);
  await resolves();
  await helped('playbook');

  await scaleBack();
  await edit(/mode: approve/, 'mode: auto');
  const questions = async () => {
    const { items } = await jidoka.api<{ items: readonly { reason: string }[] }>('escalations');
    // other tests have services on this Swarm, with labels that cannot be read, too
    return items.filter(({ reason }) => reason !== 'labels_unreadable').length;
  };
  const asked = await questions();
  await fires();
  await runs(2);
  await resolves();
  await helped('playbook');
  expect(await questions()).toBe(asked);
});
