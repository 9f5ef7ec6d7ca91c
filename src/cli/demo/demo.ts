import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../lib/errors.js';
import type { SlackSim } from '../../sim/slack.js';
import { post, runs } from './engine-http.js';
import { say } from './say.js';
import { buttons, showMessage } from './slack-view.js';
import { channel, group, startWorld, type World } from './world.js';

const withinMs = 60_000;

/** `jidoka demo`: the real engine and a real Redis, on simulated targets. Returns the exit code. */
export async function demo({
  keep = false,
}: {
  readonly keep?: boolean | undefined;
}): Promise<number> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const world = await startWorld(undo);
    await serviceIsScaled(world);
    await groupIsResized(world);
    await personIsAsked(world);
    say('');
    say('That was the loop. To run it on your own cluster: npm start, then see the README.');
    if (keep) await keepUp(world);
    return 0;
  } catch (error) {
    say(`the demo failed: ${messageOf(error)}`);
    return 1;
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

/** Keeps everything running until the person ends it. */
async function keepUp({ url }: World): Promise<void> {
  const stopped = Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  say(`Console: ${url}/ (Ctrl+C stops the demo)`);
  await stopped;
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

function message(slack: SlackSim) {
  const [first] = slack.messages(channel);
  if (first === undefined) throw new Error('there is no message');
  return first;
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error(`waited ${withinMs / 1_000} s for: ${what}`);
    await sleep(100);
  }
}

function heading(text: string): void {
  say('');
  say(text);
}
