import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp } from '../app/app.js';
import { readConfig } from '../config.js';
import { messageOf } from '../errors.js';
import { startLocalRedis } from '../local/redis.js';
import { createLogger } from '../logger.js';
import { type AutoScalingSim, createAutoScalingSim } from '../sim/auto-scaling.js';
import { createSlackSim, type SlackSim } from '../sim/slack.js';
import { createSwarmSim, type SwarmSim } from '../sim/swarm.js';

const botToken = 'xoxb-demo';
const signingSecret = 'demo-signing-secret';
const channel = '#ops';
const group = 'demo-workers';
const withinMs = 60_000;

interface World {
  readonly url: string;
  readonly swarm: SwarmSim;
  readonly autoScaling: AutoScalingSim;
  readonly slack: SlackSim;
}

/** `jidoka demo`: the real engine and a real Redis, on simulated targets. Gives back the exit code. */
export async function demo(): Promise<number> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const world = await startWorld(undo);
    await serviceIsScaled(world);
    await groupIsResized(world);
    await personIsAsked(world);
    say('');
    say('That was the loop. To run it on your own cluster: npm start, then see the README.');
    return 0;
  } catch (error) {
    say(`the demo failed: ${messageOf(error)}`);
    return 1;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

async function startWorld(undo: (() => Promise<unknown>)[]): Promise<World> {
  say('Jidoka demo. The engine and its Redis are real; Docker Swarm, AWS and Slack are SIMULATED:');
  say('they speak the real wire protocols on this machine, and nothing else is touched.');
  const swarm = createSwarmSim({ convergeMs: 2_000 });
  const autoScaling = createAutoScalingSim({ launchMs: 4_000 });
  const slack = createSlackSim({
    botToken,
    signingSecret,
    channels: [{ id: 'C0DEMO', name: 'ops' }],
  });
  for (const sim of [swarm, autoScaling, slack]) {
    await sim.start();
    undo.push(() => sim.stop());
  }
  swarm.addService({
    name: 'shop_web',
    replicas: 2,
    labels: { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' },
  });
  autoScaling.addGroup({ name: group, min: 2, max: 4, desired: 2 });

  const dir = await mkdtemp(join(tmpdir(), 'jidoka-demo-'));
  undo.push(() => rm(dir, { recursive: true, force: true }));
  const redis = await startLocalRedis({ dir, announce: say });
  undo.push(redis.stop);
  const settings = {
    PORT: '0',
    DOCKER_HOST: swarm.dockerHost(),
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL: autoScaling.url(),
    AWS_ACCESS_KEY_ID: 'demo',
    AWS_SECRET_ACCESS_KEY: 'demo',
    SLACK_API_URL: slack.apiUrl(),
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    SLACK_CHANNEL: channel,
    JIDOKA_WORKER_ASG: group,
    LOG_LEVEL: 'silent',
  };
  // The AWS SDK reads the environment itself: nothing of the operator's own may reach it here.
  for (const name of Object.keys(process.env)) {
    if (/^(AWS(?!_SDK_JS)|SLACK|JIDOKA|DOCKER|ALERTMANAGER|REDIS)_/.test(name))
      delete process.env[name];
  }
  Object.assign(process.env, settings);
  const app = await startApp({
    config: readConfig(settings),
    redisUrl: redis.url,
    log: createLogger('silent'),
    onDeath: (error) => say(`the engine died: ${error.message}`),
  });
  undo.push(app.stop);
  say('');
  for (const { name, detail } of app.connections) say(`  ${name.padEnd(13)} ${detail}`);
  return { url: app.url, swarm, autoScaling, slack };
}

async function serviceIsScaled(world: World): Promise<void> {
  heading('1. A service is slow. A playbook has seen that before: the machine acts.');
  const labels = { alertname: 'ShopSlow', service: 'shop_web', scale: 'up' };
  await fire(world, labels, 'shop_web answers in 1.8 s');
  await until(() => world.swarm.service('shop_web').replicas === 3, 'the service is scaled');
  say('  Swarm         shop_web: 2 → 3 replicas (its labels allow 1 to 5)');
  await until(() => world.swarm.service('shop_web').running === 3, 'three tasks run');
  say('  Swarm         3 of 3 tasks run');
  await resolveAlert(world, labels);
}

async function groupIsResized(world: World): Promise<void> {
  heading('2. The nodes are full: an Auto Scaling group gets one more instance.');
  const labels = { alertname: 'NodesFull', type: 'node', scale: 'up', service: 'node-exporter' };
  await fire(world, labels, 'the nodes use 92 % of their memory');
  await until(() => world.autoScaling.group(group).desired === 3, 'the group is resized');
  say(`  AWS           ${group}: 2 → 3 instances (the group allows 2 to 4)`);
  await until(
    () => world.autoScaling.group(group).inService === 3,
    'three instances are in service',
  );
  say('  AWS           3 of 3 instances are InService');
  await resolveAlert(world, labels);
}

async function personIsAsked(world: World): Promise<void> {
  heading('3. An alert that nobody has seen before: a person gets it, with buttons.');
  const labels = { alertname: 'CheckoutQueueGrows', service: 'shop_web', severity: 'critical' };
  await fire(world, labels, '4,200 orders wait');
  const { slack } = world;
  await until(() => slack.messages(channel).length === 1, 'a message is posted');
  const posted = message(slack);
  showMessage(posted.blocks);
  const button = buttons(posted.blocks).find(({ text }) => text.includes('3 → 4'));
  if (button === undefined) throw new Error('the message has no button for one more replica');
  await sleep(2_000);
  say(`  Ana           clicks [${button.text}]`);
  await slack.click({
    channel,
    ts: posted.ts,
    actionId: button.actionId,
    user: { id: 'U0ANA', name: 'ana' },
    url: `${world.url}/slack/interactions`,
  });
  await until(() => world.swarm.service('shop_web').running === 4, 'four tasks run');
  say('  Swarm         shop_web: 3 → 4 replicas, 4 of 4 tasks run');
  await resolveAlert(world, labels);
  await until(
    () => JSON.stringify(message(slack).blocks).includes('esolved'),
    'the message says so',
  );
  say('  Slack         the message now reads:');
  showMessage(message(slack).blocks);
}

/** Posts what Alertmanager would post. */
async function fire(world: World, labels: Record<string, string>, summary: string): Promise<void> {
  say(`  Alertmanager  ${labels.alertname} fires: ${summary}`);
  await post(world, 'firing', labels, summary);
}

async function resolveAlert(world: World, labels: Record<string, string>): Promise<void> {
  await sleep(1_000);
  await post(world, 'resolved', labels, '');
  say(`  Alertmanager  ${labels.alertname} has resolved`);
  await until(
    async () => (await runs(world)).every(({ state }) => state === 'ended'),
    'the run ends',
  );
  const [run] = await runs(world);
  say(
    `  Jidoka        run ${run?.id}: ${run?.outcome?.kind} (the target converged and the alert resolved)`,
  );
}

const startedAt = new Map<string, string>();

async function post(
  world: World,
  status: 'firing' | 'resolved',
  labels: Record<string, string>,
  summary: string,
): Promise<void> {
  const fingerprint = labels.alertname ?? '';
  const now = new Date().toISOString();
  if (status === 'firing') startedAt.set(fingerprint, now);
  const alert = {
    status,
    labels,
    annotations: { summary },
    startsAt: startedAt.get(fingerprint),
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : now,
    generatorURL: '',
    fingerprint,
  };
  const answer = await fetch(`${world.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      groupKey: `{}:{alertname="${labels.alertname}"}`,
      receiver: 'jidoka',
      status,
      groupLabels: {},
      commonLabels: labels,
      commonAnnotations: {},
      externalURL: '',
      alerts: [alert],
    }),
  });
  if (!answer.ok) throw new Error(`the webhook answered ${answer.status}: ${await answer.text()}`);
}

interface ShownRun {
  readonly id: string;
  readonly state: string;
  readonly outcome: { readonly kind: string } | null;
}

async function runs(world: World): Promise<readonly ShownRun[]> {
  const answer = await fetch(`${world.url}/api/v1/runs`);
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  return ((await answer.json()) as { items: ShownRun[] }).items;
}

function message(slack: SlackSim) {
  const [first] = slack.messages(channel);
  if (first === undefined) throw new Error('there is no message');
  return first;
}

interface Shown {
  readonly type: string;
  readonly text?: string | { readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly Shown[];
  readonly action_id?: string;
}

function buttons(blocks: unknown): { text: string; actionId: string }[] {
  return (blocks as readonly Shown[])
    .flatMap(({ elements }) => elements ?? [])
    .flatMap((element) =>
      element.type === 'button' && element.action_id !== undefined
        ? [{ text: textOf(element), actionId: element.action_id }]
        : [],
    );
}

function showMessage(blocks: unknown): void {
  say('                ┌──────────────────────────────────────────────────────────');
  for (const block of blocks as readonly Shown[]) {
    const texts =
      block.type === 'actions'
        ? [
            buttons([block])
              .map(({ text }) => `[${text}]`)
              .join(' '),
          ]
        : [
            textOf(block),
            ...(block.fields ?? []).map(({ text }) => text),
            ...(block.elements ?? []).map(textOf),
          ];
    for (const line of texts.filter(Boolean).join('\n').split('\n'))
      say(`                │ ${line}`);
  }
  say('                └──────────────────────────────────────────────────────────');
}

/** A block's text as Slack shows it: a date token by the words after its bar. */
function textOf({ text }: Shown): string {
  const raw = typeof text === 'string' ? text : (text?.text ?? '');
  return raw.replace(/<!date\^[^|]*\|([^>]*)>/g, '$1');
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${withinMs / 1_000} s in vain: ${what}`);
    await sleep(100);
  }
}

function heading(text: string): void {
  say('');
  say(text);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
