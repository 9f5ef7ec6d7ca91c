import { afterEach, describe, expect, test } from 'vitest';
import { createReconciler } from '../../src/engine/reconcile/reconcile.js';
import { createScriptedCluster } from '../support/cluster.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
let world: ReturnType<typeof createScriptedCluster>;
let reconcile: () => Promise<void>;
afterEach(() => bench.stop());

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };

async function start({ playbook = scaleUp, members = 1, policy = '{}' } = {}): Promise<void> {
  bench = await startBench({ playbooks: [playbook], policy });
  bench.targets.add('web', 2);
  world = createScriptedCluster(bench.clock, members);
  reconcile = createReconciler({
    context: bench.context(),
    cluster: world.cluster,
    take: (received) => bench.engine.take(received),
  });
}

/** Lets time pass and reads Alertmanager every half minute, as the engine does. */
async function readFor(ms: number): Promise<void> {
  const untilMs = bench.clock.now() + ms;
  while (bench.clock.now() < untilMs) {
    await bench.pass(30_000);
    await reconcile();
    await bench.settle();
  }
}

describe('an alert that was not delivered', () => {
  test('is taken in and acted on', async () => {
    await start();
    world.first.list(slow);
    await reconcile();
    await bench.settle();
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open', source: 'alertmanager' });
  });

  test('is left to its delivery until it has fired longer than the group wait', async () => {
    await start({ policy: 'alertmanager: { group_wait: 2m }' });
    world.first.list(slow, { startsAtMs: bench.clock.now() });
    await readFor(minute + 30_000);
    expect(bench.targets.effects).toEqual([]);
    await readFor(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is left alone as long as the member that lists it has only just started', async () => {
    await start();
    world.first.list(slow);
    world.first.startedAtMs = bench.clock.now();
    await reconcile();
    await bench.settle();
    expect(bench.targets.effects).toEqual([]);
    await readFor(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is one run with its delivery that comes after all', async () => {
    await start();
    world.first.list(slow);
    await reconcile();
    await bench.take([{ labels: slow }]);
    await readFor(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toHaveLength(1);
  });

  test('is the same one under both replicas of a Prometheus', async () => {
    await start();
    world.first.list({ ...slow, replica: 'a' });
    world.first.list({ ...slow, replica: 'b' });
    await reconcile();
    await bench.settle();
    expect(await bench.runs()).toHaveLength(1);
    expect(Object.keys((await bench.episode(slow)).members)).toHaveLength(2);
  });

  test('is not opened from a reading that is older than its resolution', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    world.first.list(slow, { startsAtMs: bench.clock.now() - minute });
    world.duringRead(() => bench.take([{ labels: slow, resolved: true }]));
    await bench.pass(minute);
    await reconcile();
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
  });

  test.each(['suppressed', 'unprocessed'] as const)(
    'is not opened while it is %s',
    async (state) => {
      await start();
      world.first.list(slow, { state });
      await readFor(2 * minute);
      expect(await bench.ledger.redis.zcard(bench.ledger.keys.episodes)).toBe(0);
      world.first.list(slow);
      await readFor(30_000);
      expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    },
  );

  test('is not opened while one member of two mutes it', async () => {
    await start({ members: 2 });
    world.members[0]?.list(slow);
    world.members[1]?.list(slow, { state: 'suppressed' });
    await readFor(2 * minute);
    expect(bench.targets.effects).toEqual([]);
  });

  test('is not opened where the name of our receiver is not known', async () => {
    await start();
    world.first.list(slow);
    const cluster = { ...world.cluster, receiver: undefined };
    reconcile = createReconciler({ context: bench.context(), cluster, take: bench.engine.take });
    await readFor(2 * minute);
    expect(bench.targets.effects).toEqual([]);
  });

  test('is one of thousands, and all of them are taken in', async () => {
    await start({ playbook: scaleUp.replace('mode: auto', 'mode: shadow') });
    for (let count = 0; count < 1_200; count += 1) {
      world.first.list({ alertname: 'Many', instance: String(count) });
    }
    await reconcile();
    expect(await bench.ledger.redis.zcard(bench.ledger.keys.openEpisodes)).toBe(1_200);
  });
});

describe('an alert that Alertmanager lists for another receiver only', () => {
  const receivers = ['jidoka-shop'];

  test.each(['active', 'suppressed', 'unprocessed', 'unknown'] as const)(
    'stays open while it is listed as %s, and is closed when it is gone',
    async (state) => {
      await start();
      await bench.take([{ labels: slow }]);
      world.first.list(slow, { receivers, state });
      await readFor(30 * minute);
      expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
      world.first.remove(slow);
      await readFor(6 * minute);
      expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
      expect(await bench.audited('episode')).toMatchObject([
        { event: 'opened' },
        { event: 'closed', reason: 'reconciled' },
      ]);
    },
  );

  test('is not opened from the list', async () => {
    await start();
    world.first.list(slow, { receivers });
    await readFor(2 * minute);
    expect(bench.targets.effects).toEqual([]);
    expect(await bench.ledger.redis.zcard(bench.ledger.keys.episodes)).toBe(0);
  });

  test('counts as muted while it is silenced', async () => {
    await start({ playbook: scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2') });
    await bench.take([{ labels: slow }]);
    world.first.list(slow, { receivers, state: 'suppressed' });
    await readFor(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    world.first.list(slow, { receivers });
    await readFor(2 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });
});

describe('an alert whose muting cannot be seen', () => {
  test.each([
    ['because a route to us is muted at times', { exists: true, mutedAtTimes: true }, 'active'],
    ['because the configuration is not shown', null, 'active'],
    ['because the list does not say its state', { exists: true, mutedAtTimes: false }, 'unknown'],
  ] as const)('%s goes to a person, and nothing is done', async (_, routes, state) => {
    await start();
    world.first.routes = routes;
    world.first.list(slow, { state });
    await readFor(2 * minute);
    expect(bench.targets.effects).toEqual([]);
    expect((await bench.episode(slow)).verdicts).toMatchObject([
      { fate: 'escalated', reason: 'muting_unseen' },
    ]);
    expect(await bench.escalations()).toHaveLength(1);
  });

  test('is acted on when Alertmanager delivers it after all', async () => {
    await start();
    world.first.routes = { exists: true, mutedAtTimes: true };
    world.first.list(slow);
    await readFor(minute);
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });
});

describe('an episode whose alert Alertmanager does not list', () => {
  test('is closed after five minutes, and its run is done', async () => {
    await start({ playbook: scaleUp.replace('settle: 2m', 'settle: 20m') });
    await bench.take([{ labels: slow }]);
    await readFor(5 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
    await readFor(minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
    expect(await bench.audited('episode')).toMatchObject([
      { event: 'opened' },
      { event: 'closed', reason: 'reconciled' },
    ]);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
  });

  test('stays open while one member of two lists it', async () => {
    await start({ members: 2 });
    await bench.take([{ labels: slow }]);
    world.members[1]?.list(slow, { state: 'suppressed' });
    await readFor(10 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
  });

  test('is closed by the members that can be reached', async () => {
    await start({ members: 2 });
    await bench.take([{ labels: slow }]);
    (world.members[1] ?? world.first).down = true;
    await readFor(6 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
  });

  test('stays open when none can be reached', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    world.first.down = true;
    await readFor(10 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
    const { values } = await bench.metrics.reconciliations.get();
    expect(values).toMatchObject([{ labels: { result: 'failed' } }]);
  });

  test('needs several readings, however long the time between them', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    for (const expected of ['open', 'open', 'closed']) {
      await bench.pass(10 * minute);
      await reconcile();
      expect(await bench.episode(slow)).toMatchObject({ state: expected });
    }
  });

  test('stays open while Alertmanager has just restarted', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    world.first.startedAtMs = bench.clock.now();
    // longer than an alert has to be absent, were its first minutes any proof
    await readFor(8 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
    world.first.list(slow);
    await readFor(10 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
    expect(await bench.audited('episode')).toHaveLength(1);
  });

  test('begins its time anew after a restart', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    world.first.startedAtMs = bench.clock.now();
    await readFor(9 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
    await readFor(2 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
  });

  test('stays open where no receiver has our name: that Alertmanager may be another one', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    world.first.routes = { exists: false, mutedAtTimes: false };
    await readFor(10 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
  });

  test('stays open when it is delivered meanwhile', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    await readFor(4 * minute);
    await bench.take([{ labels: slow }]);
    await readFor(2 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
    await readFor(5 * minute);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
  });

  test('stays open when it is a command, of which Alertmanager knows nothing', async () => {
    await start();
    const other = { alertname: 'another-job' };
    await bench.engine.take({ ...bench.notification([{ labels: other }]), source: 'jenkins' });
    await readFor(10 * minute);
    expect(await bench.episode(other, 'jenkins')).toMatchObject({ state: 'open' });
  });

  test('is the same one, with its spent budget, when an old delivery comes after it was closed', async () => {
    await start();
    await bench.take([{ labels: slow, startsAtMs: bench.clock.now() }]);
    const startsAtMs = bench.clock.now() + minute;
    await readFor(7 * minute);
    await bench.take([{ labels: slow, startsAtMs }]);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open', spent: ['scale-up'] });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });
});

test('an old delivery reopens a closed episode even if another member resolved before it began', async () => {
  await start();
  const startedAtMs = bench.clock.now();
  const at = (replica: string, fingerprint: string, startsAtMs: number) => ({
    labels: { ...slow, replica },
    fingerprint,
    startsAtMs,
  });
  await bench.take([at('a', 'aa', startedAtMs)]);
  await bench.pass(20_000);
  await bench.take([at('b', 'bb', bench.clock.now())]);
  const later = at('b', 'bb', bench.clock.now());
  await bench.take([{ ...at('a', 'aa', startedAtMs), resolved: true, endsAtMs: startedAtMs + 1 }]);
  await readFor(7 * minute);
  const closed = await bench.episode(slow);
  expect(closed.state).toBe('closed');
  await bench.take([later]);
  expect(await bench.episode(slow)).toMatchObject({ id: closed.id, state: 'open' });
});

test('what is delivered is not muted, whatever the last reading said', async () => {
  await start();
  world.first.list(slow, { state: 'suppressed' });
  await reconcile();
  await bench.take([{ labels: slow }]);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

describe('a run whose alerts are all muted', () => {
  const twice = scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2');

  test('takes no new step until one of them is not, and is put down once', async () => {
    await start({ playbook: twice });
    await bench.take([{ labels: slow }]);
    world.first.list(slow, { state: 'suppressed' });
    await readFor(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toMatchObject([{ state: 'planning', waiting: { reason: 'muted' } }]);
    const held = (await bench.audited('run')).filter(({ reason }) => reason === 'muted');
    expect(held).toHaveLength(1);
    world.first.list(slow);
    await readFor(2 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('goes on while one of two alerts is not muted', async () => {
    await start({ playbook: twice });
    const other = { ...slow, instance: 'b' };
    await bench.take([{ labels: slow }, { labels: other }]);
    world.first.list(slow, { state: 'suppressed' });
    world.first.list(other);
    await readFor(3 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('waits on when Alertmanager cannot be read any more', async () => {
    await start({ playbook: twice });
    await bench.take([{ labels: slow }]);
    world.first.list(slow, { state: 'suppressed' });
    await readFor(minute);
    world.first.down = true;
    await readFor(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });
});

test('a held decision about a muted alert waits too, and nobody is told', async () => {
  await start({ playbook: scaleUp.replace('cooldown: 0', 'cooldown: 10m') });
  await bench.take([{ labels: { ...slow, instance: 'a' } }]);
  await bench.take([{ labels: { ...slow, instance: 'a' }, resolved: true }]);
  await bench.take([{ labels: slow }]);
  expect((await bench.episode(slow)).verdicts).toMatchObject([{ reason: 'cooldown' }]);
  const held = () => bench.redis.zcard(bench.ledger.keys.held);
  expect(await held()).toBe(1);
  world.first.list(slow, { state: 'suppressed' });
  await readFor(60 * minute);
  expect((await bench.episode(slow)).verdicts).toMatchObject([{ fate: 'held', reason: 'muted' }]);
  expect(await bench.escalations()).toEqual([]);
  expect(await bench.audited('episode')).toHaveLength(5);
  expect(await held()).toBe(0);
  world.first.list(slow);
  await readFor(2 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
});

test('Alertmanager is read once in the cell, however many workers ask', async () => {
  await start();
  await Promise.all([reconcile(), reconcile(), reconcile()]);
  await bench.pass(29_000);
  await reconcile();
  expect(world.reads).toBe(1);
  await bench.pass(2_000);
  await reconcile();
  expect(world.reads).toBe(2);
});
