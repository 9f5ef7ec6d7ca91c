import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { eventually } from '../support/eventually.js';
import { makeDir, onFreePort } from '../support/parts/place.js';
import { type FrailRedis, startFrailRedis } from './frail-redis.js';
import { bounds, misbehave } from './mischief.js';
import { type Mortal, startMortal } from './mortal.js';
import { deliveriesIn, planStorm } from './plan.js';
import { createRandom, type Random } from './random.js';
import { createSender, type Sender } from './sender.js';
import { judge, type Verdict } from './verdict.js';

/** How large a storm is. It goes on until all of it has happened. */
export interface StormSize {
  readonly deliveries: number;
  readonly kills: number;
  readonly restarts: number;
  /** How long the engine may take to finish what the storm left behind. */
  readonly calmMs: number;
}

/** What came of a storm. */
export interface StormResult extends Verdict {
  readonly alerts: number;
  readonly deliveries: number;
  readonly refused: number;
  readonly kills: number;
  readonly restarts: number;
}

const cell = 'jidoka';
const maxAttempts = 2;

const playbook = (name: string, alertname: string, by: number) => `
name: ${name}
summary: Changes a service by one replica.
match: alertname = "${alertname}"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: ${by} }
    settle: 2s
    repeat: ${maxAttempts}
guards: { cooldown: 0 }
`;
const files = {
  'add.yaml': playbook('add', 'Busy', 1),
  'take-away.yaml': playbook('take-away', 'Idle', -1),
  'policy.yaml': `
limits: { fleet: [1000000 per 1h], playbook: [1000000 per 1h], target: [1000000 per 1h] }
blast_radius: { targets: 1000000 per 1h }
breaker: { failures: 1000000 }
restore: { observe: 0 }
`,
};

/**
 * A storm of alerts, each delivered one to three times, on a real Redis that is killed and hindered,
 * with two engines that are killed, and a Swarm that misbehaves. What is sent and what goes wrong
 * comes from the seed; how it interleaves does not.
 */
export async function runStorm(size: StormSize, seed: number): Promise<StormResult> {
  const random = createRandom(seed);
  const services = Array.from({ length: 40 }, (_, index) => `storm-${index}`);
  const groups = planStorm(random.fork(), { deliveries: size.deliveries, services });

  const dir = await makeDir('chaos');
  const playbooks = join(dir, 'playbooks');
  await mkdir(playbooks);
  for (const [name, text] of Object.entries(files)) await writeFile(join(playbooks, name), text);
  const swarm = createSwarmSim({ convergeMs: 200 });
  await swarm.start();
  const serviceIds = new Map(
    services.map((name) => [name, swarm.addService({ name, replicas: 3, labels: bounds })]),
  );
  const redis = await startFrailRedis(join(dir, 'redis'));
  const ports = [await freePort(), await freePort()] as const;
  const env = (port: number) => ({
    PORT: String(port),
    REDIS_URL: redis.url,
    JIDOKA_CELL: cell,
    DOCKER_HOST: swarm.dockerHost(),
    JIDOKA_PLAYBOOKS: playbooks,
  });
  const mortals = [
    startMortal({
      dir: await makeDir('engine'),
      env: env(ports[0]),
      random: random.fork(),
      absenceMs: 100,
    }),
    startMortal({
      dir: await makeDir('engine'),
      env: env(ports[1]),
      random: random.fork(),
      absenceMs: 3_000,
    }),
  ];
  const sender = createSender({ urls: ports.map((port) => `http://127.0.0.1:${port}`) });
  const client = new Redis(redis.url, { maxRetriesPerRequest: null });
  client.on('error', () => {});
  try {
    await storm({ size, random, groups, sender, mortals, redis, swarm, services });
    const ledger = createLedger({ redis: client, cell });
    // what does not come to rest is found by the verdict
    await untilCalm(ledger, size.calmMs).catch(() => {});
    const verdict = await judge({
      ledger,
      sent: groups.flatMap(({ alerts }) => alerts),
      updates: swarm.updates,
      requests: swarm.requests,
      serviceIds,
      min: Number(bounds['com.df.scaleMin']),
      max: Number(bounds['com.df.scaleMax']),
      maxAttempts,
      adding: new Set(['add']),
    });
    return {
      alerts: groups.reduce((sum, { alerts }) => sum + alerts.length, 0),
      deliveries: sender.deliveries(),
      refused: sender.refused(),
      kills: killsOf(mortals),
      restarts: redis.restarts(),
      ...verdict,
    };
  } finally {
    client.disconnect();
    await Promise.all(mortals.map((mortal) => mortal.stop()));
    await redis.stop();
    await swarm.stop();
  }
}

interface Storm {
  readonly size: StormSize;
  readonly random: Random;
  readonly groups: ReturnType<typeof planStorm>;
  readonly sender: Sender;
  readonly mortals: readonly Mortal[];
  readonly redis: FrailRedis;
  readonly swarm: SwarmSim;
  readonly services: readonly string[];
}

/** Sends everything while things go wrong, and lets them go wrong until enough has. */
async function storm({
  size,
  random,
  groups,
  sender,
  mortals,
  redis,
  swarm,
  services,
}: Storm): Promise<void> {
  let sent = false;
  const isOver = () => sent && killsOf(mortals) >= size.kills && redis.restarts() >= size.restarts;
  const sending = sender.run(groups).then(() => {
    sent = true;
  });
  const again = async (numbers: Random, act: (numbers: Random) => Promise<void>) => {
    while (!isOver()) await act(numbers);
  };
  await Promise.all([
    sending,
    again(random.fork(), async (numbers) => {
      await sleep(numbers.between(3_000, 6_000));
      await redis.suffer(numbers);
      await sleep(numbers.between(1_000, 5_000));
      await redis.restart();
    }),
    again(random.fork(), async (numbers) => {
      await sleep(numbers.between(200, 1_200));
      await misbehave(swarm, services, numbers);
    }),
  ]);
  for (const mortal of mortals) mortal.spare();
  if (sender.deliveries() !== deliveriesIn(groups)) throw new Error('not everything was sent');
}

/** Waits until nothing is left to do but messages, which nobody reads here. */
async function untilCalm({ redis, keys }: Ledger, calmMs: number): Promise<void> {
  const queue = (name: string) => `{${cell}}:intake:${name}`;
  await eventually(
    'the engine has come to rest',
    async () => ({
      open: await redis.zrange(keys.openEpisodes, '0', '-1'),
      active: await redis.zrange(keys.activeRuns, '0', '-1'),
      cases: (await redis.zrange(keys.schedule, '0', '-1')).filter((item) =>
        item.startsWith('case:'),
      ),
      waiting: await redis.lrange(queue('wait'), 0, 5),
      inWork: await redis.lrange(queue('active'), 0, 5),
      late: await redis.zrange(queue('delayed'), '0', '5'),
    }),
    (left) => Object.values(left).every((items) => items.length === 0),
    calmMs,
  );
}

function killsOf(mortals: readonly Mortal[]): number {
  return mortals.reduce((sum, mortal) => sum + mortal.kills(), 0);
}

function freePort(): Promise<number> {
  return onFreePort(async (port) => port);
}
