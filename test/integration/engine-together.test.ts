import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Received } from '../../src/alertmanager/received.js';
import { createEngine } from '../../src/engine/engine.js';
import { type Episode, isUndecided } from '../../src/ledger/episode.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { untilPasses } from '../support/eventually.js';

const benches: Bench[] = [];
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.stop();
});

async function start(): Promise<Bench> {
  const bench = await startBench({ playbooks: [scaleUp] });
  benches.push(bench);
  bench.targets.add('web', 2);
  return bench;
}

const slow = { alertname: 'Slow', service: 'web' };
/** Two replicas of one alert, which are one episode, and another alert. */
const alerts = [
  { ...slow, replica: 'a' },
  { ...slow, replica: 'b' },
  { alertname: 'Unknown', service: 'api' },
];

const delivery = fc.array(
  fc.record({
    alert: fc.nat(alerts.length - 1),
    does: fc.constantFrom('fire', 'refire', 'resolve', 'resolve early'),
  }),
  { minLength: 1, maxLength: 3 },
);

/** Notifications as they arrive a second apart. */
function arriving(
  bench: Bench,
  deliveries: readonly (readonly { alert: number; does: string }[])[],
): Received[] {
  return deliveries.map((some) => {
    bench.clock.advance(1_000);
    const nowMs = bench.clock.now();
    return bench.notification(
      some.map(({ alert, does }) => ({
        labels: alerts[alert] ?? {},
        resolved: does.startsWith('resolve'),
        ...(does === 'refire' ? { startsAtMs: nowMs } : {}),
        ...(does === 'resolve early' ? { endsAtMs: nowMs - 10_000 } : {}),
      })),
    );
  });
}

/** Of an episode what does not depend on when it was decided. */
function bare({ identity, id, state, members, endsAtMs, ended, deliveries }: Episode) {
  return { identity, id, state, members, endsAtMs, ended, deliveries };
}

/** The latest episodes and the earlier ones. */
async function episodes(bench: Bench) {
  const { redis, ledger } = bench;
  const ids = (await redis.zrange(ledger.keys.episodes, '0', '-1')).sort();
  const found = await Promise.all(ids.map((id) => ledger.episodeById(id)));
  return found.map((episode) => episode && bare(episode));
}

describe('notifications that are taken in together', () => {
  test('leave the episodes that they leave one after another', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 8 }), async (deliveries) => {
        const [one, all] = [await start(), await start()];
        for (const received of arriving(one, deliveries)) await one.engine.take(received);
        await all.engine.takeAll(arriving(all, deliveries));
        expect(await episodes(all)).toEqual(await episodes(one));
      }),
      { numRuns: 40 },
    );
  });

  test('may each name the same alert, which makes one run and one effect', async () => {
    const bench = await start();
    const same = Array.from({ length: 10 }, () => bench.notification([{ labels: slow }]));
    await bench.engine.takeAll(same);
    await bench.settle();
    await bench.pass(60_000);
    expect(await bench.runs()).toHaveLength(1);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect((await bench.episode(slow)).deliveries).toBe(10);
  });

  test('may hold alerts that cannot be read, which a person sees, and all others are taken', async () => {
    const bench = await start();
    await bench.engine.takeAll([
      bench.notification([{ raw: 'no alert' }]),
      bench.notification([{ labels: slow }], { truncatedAlerts: 3 }),
      bench.notification([{ labels: { alertname: 'Unknown' } }]),
    ]);
    const reasons = (await bench.escalations()).map(({ value }) => value.reason);
    expect(reasons.sort()).toEqual(['invalid_alert', 'no_match', 'truncated']);
    expect(await bench.runs()).toHaveLength(1);
  });

  test('may be taken in again after any of them was', async () => {
    const bench = await start();
    const batch = arriving(bench, [
      [{ alert: 0, does: 'fire' }],
      [{ alert: 2, does: 'fire' }],
      [{ alert: 0, does: 'resolve' }],
    ]);
    const [first] = batch;
    if (first !== undefined) await bench.engine.take(first);
    await bench.engine.takeAll(batch);
    await bench.engine.takeAll(batch);
    await bench.settle();
    expect(await bench.runs()).toHaveLength(1);
    expect((await bench.episode(slow)).state).toBe('closed');
    expect((await bench.escalations()).map(({ value }) => value.reason)).toEqual(['no_match']);
  });
});

test('an alert whose target hangs holds up none of those that come after it', async () => {
  const bench = await start();
  const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
  for (const name of names) bench.targets.add(name, 2);
  const { action } = bench.targets;
  const never = new Promise<never>(() => {});
  const hanging = {
    ...action,
    observe: (params: { service: string }) =>
      params.service === 's0' ? never : action.observe(params),
  };
  const engine = createEngine({ ...bench.context(), actions: new Map([[action.name, hanging]]) });
  void engine.takeAll(
    names.map((service) => bench.notification([{ labels: { alertname: 'Slow', service } }])),
  );
  // the blast radius lets ten begin, and holds the others; only the one that hangs has no verdict
  await untilPasses(async () => {
    const found = await Promise.all(
      names.map((service) => bench.episode({ alertname: 'Slow', service })),
    );
    const undecided = found.filter(isUndecided).map(({ labels }) => labels.service);
    expect(undecided).toEqual(['s0']);
  });
});
