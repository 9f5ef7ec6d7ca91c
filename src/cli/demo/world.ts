import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../../app/app.js';
import { readConfig } from '../../app/config.js';
import { createLogger } from '../../lib/logger.js';
import { startLocalRedis } from '../../local/redis.js';
import { type AutoScalingSim, createAutoScalingSim } from '../../sim/auto-scaling.js';
import { createSlackSim, type SlackSim } from '../../sim/slack.js';
import { createSwarmSim, type SwarmSim } from '../../sim/swarm.js';
import { say } from './say.js';

const botToken = 'xoxb-demo';
const signingSecret = 'demo-signing-secret';
export const channel = '#ops';
export const group = 'demo-workers';

/** The engine of the demo and its simulated targets. */
export interface World {
  readonly url: string;
  readonly redisUrl: string;
  readonly swarm: SwarmSim;
  readonly autoScaling: AutoScalingSim;
  readonly slack: SlackSim;
}

/** Starts the simulations, a Redis and the engine; `undo` gets what stops them, `env` is what else the engine is told. */
export async function startWorld(
  undo: (() => Promise<unknown>)[],
  env: Readonly<Record<string, string>> = {},
): Promise<World> {
  say('Jidoka demo. The engine and its Redis are real; Docker Swarm, AWS and Slack are SIMULATED:');
  say('they speak the real wire protocols on this machine, and nothing else is touched.');
  const autoScaling = createAutoScalingSim({ launchMs: 4_000 });
  autoScaling.addGroup({ name: group, min: 2, max: 4, desired: 2 });
  const swarm = createSwarmSim({
    convergeMs: 2_000,
    machines: () =>
      autoScaling
        .instances(group)
        .filter(({ state }) => state === 'InService')
        .map(({ id, address }) => ({ hostname: id, address })),
  });
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
    ...env,
  };
  // The AWS SDK reads the environment itself: nothing of the operator's own may reach it here.
  for (const name of Object.keys(process.env)) {
    if (/^(AWS(?!_SDK_JS)|SLACK|JIDOKA|DOCKER|ALERTMANAGER|REDIS)_/.test(name))
      delete process.env[name];
  }
  Object.assign(process.env, settings);
  const app = await startApp({
    // the Slack whose clicks are signed is on this machine, too: no one else is let in
    config: { ...readConfig(settings), facing: undefined },
    redisUrl: redis.url,
    log: createLogger('silent'),
    onDeath: (error) => say(`the engine died: ${error.message}`),
  });
  undo.push(app.stop);
  say('');
  for (const { name, detail } of app.connections) say(`  ${name.padEnd(13)} ${detail}`);
  return { url: app.url, redisUrl: redis.url, swarm, autoScaling, slack };
}
