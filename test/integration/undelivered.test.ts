import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ownAlertName } from '../../src/alertmanager/own-alert.js';
import { createUndeliveredAlarm } from '../../src/escalation/undelivered.js';
import { createScriptedCluster } from '../support/cluster.js';
import { type SlackBench, startSlackBench } from '../support/slack.js';

let bench: SlackBench;
let world: ReturnType<typeof createScriptedCluster>;
let raise: () => Promise<void>;
let mode: 'always' | 'fallback';
beforeEach(async () => {
  bench = await startSlackBench();
  mode = 'fallback';
  world = createScriptedCluster(bench.clock);
  const { ledger, clock, log } = bench;
  raise = createUndeliveredAlarm({ ledger, cluster: world.cluster, mode: () => mode, clock, log });
});
afterEach(() => bench.stop());

const minute = 60_000;
const owed = () => bench.ledger.redis.zcard(bench.ledger.keys.undelivered);

/** Tries to deliver whenever it is due, and has the alarm look, as the engine does. */
async function tryFor(id: string, ms: number): Promise<void> {
  for (const untilMs = bench.clock.now() + ms; bench.clock.now() < untilMs; ) {
    await bench.messenger().bringUpToDate(id);
    await raise();
    bench.clock.advance(30_000);
  }
}

describe('an escalation that Slack does not take', () => {
  test('is told to Alertmanager after some minutes, kept alive there, and ended when Slack took it', async () => {
    const id = await bench.open({ title: 'ServiceSlow: orders' });
    await bench.sim.stop();
    await tryFor(id, 4 * minute);
    expect(world.posted).toEqual([]);
    await tryFor(id, 3 * minute);
    const [first] = world.posted;
    expect(first).toMatchObject({
      labels: { alertname: ownAlertName, severity: 'critical', escalation: id },
      annotations: {
        summary: expect.stringContaining('ServiceSlow: orders'),
        description: expect.stringContaining(`/api/v1/escalations/${id}`),
      },
    });
    expect(first?.endsAtMs).toBeGreaterThan(bench.clock.now());
    const before = world.posted.length;
    await tryFor(id, 2 * minute);
    expect(world.posted.length).toBeGreaterThan(before);
    expect(new Set(world.posted.map(({ labels }) => JSON.stringify(labels))).size).toBe(1);

    await bench.sim.start();
    await tryFor(id, 3 * minute);
    const last = world.posted.at(-1);
    expect(last?.endsAtMs).toBeLessThan(bench.clock.now());
    expect(last?.labels).toEqual(first?.labels);
    const ended = world.posted.length;
    await tryFor(id, 3 * minute);
    expect(world.posted).toHaveLength(ended);
    expect(await owed()).toBe(0);
  });

  test('is told at once when Slack refuses it for good', async () => {
    const id = await bench.open({ channel: '#nowhere' });
    const messenger = bench.messenger({ defaultChannel: '#nowhere' });
    await messenger.bringUpToDate(id);
    await raise();
    expect(world.posted).toMatchObject([
      { annotations: { description: expect.stringContaining('channel_not_found') } },
    ]);
  });

  test('is no longer told when it has been answered elsewhere', async () => {
    const id = await bench.open();
    await bench.sim.stop();
    await tryFor(id, 7 * minute);
    await bench.answer(id, 'ack');
    expect(await owed()).toBe(0);
    bench.clock.advance(minute);
    await raise();
    expect(world.posted.at(-1)?.endsAtMs).toBeLessThanOrEqual(bench.clock.now());
  });

  test('is told in the next turn where Alertmanager could not be reached', async () => {
    const id = await bench.open();
    await bench.sim.stop();
    const { post } = world.cluster;
    world.cluster.post = async () => {
      throw new Error('no Alertmanager');
    };
    await tryFor(id, 7 * minute);
    expect(bench.logged.map(({ msg }) => msg)).toContain(
      'escalations reached neither Slack nor Alertmanager',
    );
    world.cluster.post = post;
    await tryFor(id, minute);
    expect(world.posted).not.toEqual([]);
  });
});

test('no other alert is raised where each escalation has one anyway', async () => {
  const id = await bench.open({ channel: '#nowhere' });
  await bench.messenger({ defaultChannel: '#nowhere' }).bringUpToDate(id);
  mode = 'always';
  await raise();
  expect(world.posted).toEqual([]);
  // nor where the policy was changed, until that one is resolved
  mode = 'fallback';
  await bench.ledger.redis.hset(bench.ledger.keys.notified, id, '{}');
  bench.clock.advance(minute);
  await raise();
  expect(world.posted).toEqual([]);
  await bench.ledger.redis.hdel(bench.ledger.keys.notified, id);
  bench.clock.advance(minute);
  await raise();
  expect(world.posted).toHaveLength(1);
});

test('an update that fails is not told: people have seen the message', async () => {
  const id = await bench.open();
  await bench.messenger().bringUpToDate(id);
  await bench.sim.stop();
  const { keys, redis } = bench.ledger;
  await redis.hincrby(keys.caseInfo(id), 'joined', 1);
  await redis.zadd(keys.schedule, bench.clock.now(), `message:${id}`);
  await bench.messenger().bringUpToDate(id);
  expect(await owed()).toBe(0);
  await tryFor(id, 10 * minute);
  expect(await bench.count('failed')).toBeGreaterThan(0);
  expect(world.posted).toEqual([]);
});
