import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { joinLedger } from '../../src/ledger/schema.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

/* Two versions of the engine on one ledger, as during a rolling upgrade. */

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
});
afterEach(() => bench.stop());

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const odd = { alertname: 'Odd', service: 'web' };
const join = (version?: number) =>
  joinLedger({ ledger: bench.ledger, clock: bench.clock, ...(version && { version }) });
const stored = () => bench.redis.get(bench.ledger.keys.schema);
/** All workers of that version end, and the time passes for which they still count. */
const leave = (version: number) => bench.redis.del(bench.ledger.keys.presentVersion(version));

describe('the version of a ledger', () => {
  test('is that of the first engine', async () => {
    await Promise.all([join(), join(), join()]);
    expect(await stored()).toBe('1');
    expect(await bench.audited('cell')).toMatchObject([{ detail: '1 instead of none' }]);
  });

  test('is raised by a newer engine only when no older one is left', async () => {
    await join(7);
    await join(8);
    expect(await stored()).toBe('7');
    await join(7);
    await leave(7);
    await join(8);
    expect(await stored()).toBe('8');
    expect(await bench.audited('cell')).toMatchObject([
      { event: 'raised' },
      { event: 'raised', detail: '8 instead of 7' },
    ]);
  });

  test('that is newer than the engine is refused, with what to do', async () => {
    await join(8);
    await expect(join(7)).rejects.toThrow(
      /has version 8, and this engine knows 7 at most: start the newer engine again, or restore/,
    );
  });

  test('that was raised while an older worker hung ends that worker', async () => {
    await join(7);
    await join(8);
    await leave(7);
    await join(8);
    await expect(join(7)).rejects.toThrow(/knows 7 at most/);
    expect(await bench.redis.exists(bench.ledger.keys.presentVersion(7))).toBe(0);
  });

  test('that is two older than the engine, or no number, is refused, with what to do', async () => {
    await join(6);
    await expect(join(8)).rejects.toThrow(/reads 7 and 8: first upgrade to the release in between/);
    await bench.redis.set(bench.ledger.keys.schema, 'garbage');
    await expect(join(8)).rejects.toThrow(/reads 7 and 8/);
  });

  test('counts a worker as present for a while after it was last heard of', async () => {
    await join(7);
    const key = bench.ledger.keys.presentVersion(7);
    const leftMs = await bench.redis.pttl(key);
    expect(leftMs).toBeGreaterThan(15_000);
    expect(leftMs).toBeLessThanOrEqual(30_000);
  });
});

describe('an older engine beside a newer one', () => {
  /** A newer version adds a field to a record. */
  async function extend(key: string): Promise<void> {
    const record = JSON.parse((await bench.redis.hget(key, 'data')) ?? '');
    const data = JSON.stringify({ ...record, fromTheFuture: { kept: true } });
    await bench.redis.hset(key, 'data', data);
  }
  const extended = { fromTheFuture: { kept: true } };

  test('keeps fields of runs that it does not know, from the first transition to the last', async () => {
    bench.targets.setConvergence('web', { afterMs: 5_000 });
    await bench.take([{ labels: slow }]);
    const [run] = await bench.runs();
    await extend(bench.ledger.keys.run(run?.id ?? ''));
    await bench.pass(10 * minute);
    expect(await bench.runs()).toMatchObject([{ ...extended, state: 'ended' }]);
  });

  test('keeps fields of episodes and escalations that it does not know', async () => {
    await bench.take([{ labels: odd }]);
    const { identity } = await bench.episode(odd);
    await extend(bench.ledger.keys.episode(identity));
    const [question] = await bench.escalations();
    await extend(bench.ledger.keys.escalation(question?.value.id ?? ''));
    await bench.take([{ labels: odd }]);
    await bench.take([{ labels: odd, resolved: true }]);
    expect(await bench.episode(odd)).toMatchObject({ ...extended, state: 'closed' });
    expect(await bench.escalations()).toMatchObject([
      { value: { ...extended, state: 'withdrawn' } },
    ]);
    await bench.take([{ labels: odd }]);
    expect(await bench.episode(odd)).toMatchObject({ ...extended, state: 'open' });
  });

  test('leaves items of the schedule that it does not know on it, and goes on with the others', async () => {
    const { redis, ledger, clock } = bench;
    const unknown = Array.from({ length: 1_100 }, (_, index) => `moon:${index}`);
    const dueMs = clock.now();
    await redis.zadd(ledger.keys.schedule, ...unknown.flatMap((item) => [dueMs - 1, item]));
    await redis.zadd(ledger.keys.schedule, dueMs, 'case:known');
    clock.advance(5_000);
    for (let round = 0; round < 2; round += 1) {
      bench.wakes.length = 0;
      await bench.engine.sweep();
      for (const { item } of bench.wakes) await bench.engine.look(item);
    }
    const left = await redis.zrangebyscore(ledger.keys.schedule, clock.now(), '+inf');
    expect(left.sort()).toEqual(unknown.sort());
    expect(bench.wakes.map(({ item }) => item)).toContain('case:known');
    await bench.engine.look('moon:none');
    expect(await redis.zscore(ledger.keys.schedule, 'moon:none')).toBeNull();
  });

  test('leaves a run in a state that it does not know as it is, for the newer one', async () => {
    await bench.take([{ labels: slow }]);
    const [run] = await bench.runs();
    const stored = await bench.ledger.run(run?.id ?? '');
    if (stored === null) throw new Error('there is no run');
    const key = bench.ledger.keys.run(stored.value.id);
    const orbiting = { ...stored.value, state: 'orbiting', dueAtMs: bench.clock.now() };
    await bench.redis.hset(key, 'data', JSON.stringify(orbiting));
    bench.wakes.length = 0;
    await bench.engine.look(`run:${stored.value.id}`);
    expect((await bench.ledger.run(stored.value.id))?.value).toEqual(orbiting);
    expect(bench.wakes).toEqual([]);
    const item = `run:${stored.value.id}`;
    expect(Number(await bench.redis.zscore(bench.ledger.keys.schedule, item))).toBeGreaterThan(
      bench.clock.now(),
    );
  });
});
