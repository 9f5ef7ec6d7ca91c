import { Redis } from 'ioredis';
import { afterEach, describe, expect, test } from 'vitest';
import { isRedisFault } from '../../src/ledger/redis-fault.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { startRedis } from '../support/parts/redis.js';

let bench: Bench;
afterEach(() => bench.stop());

const slow = { alertname: 'Slow', service: 'web' };
const minute = 60_000;

/** An alert whose decision is held for ever, because deciding it throws. */
async function stuck(): Promise<string> {
  bench = await startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
  bench.targets.failNext('observe', 'unavailable');
  await bench.take([{ labels: slow }]);
  return `episode:${(await bench.episode(slow)).identity}`;
}

describe('an alert that cannot be decided for a fault of our own', () => {
  test('is told to a person once, however often it fails', async () => {
    const item = await stuck();
    for (let count = 0; count < 3; count += 1) {
      await bench.engine.lookFailed(item, new TypeError('a fault of ours'));
    }
    expect(await bench.escalations()).toMatchObject([
      { value: { reason: 'internal_error', title: 'Alert not decided' } },
    ]);
    const { caseId } = (await bench.escalations())[0]?.value ?? {};
    expect(await bench.redis.pttl(bench.ledger.keys.caseInfo(caseId ?? ''))).toBeGreaterThan(0);
    expect((await bench.escalations())[0]?.value.detail).toContain('Slow web');
    expect((await bench.escalations())[0]?.value.detail).toContain('a fault of ours');
  });

  test('is tried again later each time, and not lost', async () => {
    const item = await stuck();
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      await bench.engine.lookFailed(item, new TypeError('a fault of ours'));
      const [due] = (await bench.ledger.due(Number.MAX_SAFE_INTEGER, 10)).filter(
        (each) => each.item === item,
      );
      waits.push(((due?.atMs ?? 0) - bench.clock.now()) / minute);
    }
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });
});

describe('a fault of Redis', () => {
  const refused = Object.assign(new Error('OOM command not allowed'), { name: 'ReplyError' });

  test('ends no run and tells nobody: the schedule has it still', async () => {
    bench = await startBench({ playbooks: [scaleUp] });
    bench.targets.add('web', 2);
    await bench.take([{ labels: slow }]);
    const [run] = await bench.runs();
    await bench.engine.lookFailed(`run:${run?.id}`, refused);
    await bench.engine.lookFailed(`episode:${(await bench.episode(slow)).identity}`, refused);
    expect(await bench.runs()).toMatchObject([{ state: 'settling' }]);
    expect(await bench.escalations()).toEqual([]);
    await bench.engine.lookFailed(`run:${run?.id}`, new TypeError('a fault of ours'));
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'internal_error' } }]);
  });

  test('is told from one of ours, as the client throws them', async () => {
    bench = await startBench({ playbooks: [scaleUp] });
    const server = await startRedis();
    const redis = new Redis(server.url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
    redis.on('error', () => {});
    const thrown = (command: Promise<unknown>) =>
      command.then(
        () => null,
        (error: unknown) => error,
      );
    await redis.set('text', 'x');
    expect(isRedisFault(await thrown(redis.incr('text')))).toBe(false);
    expect(isRedisFault(new TypeError('x is undefined'))).toBe(false);
    await redis.config('SET', 'maxmemory', '1');
    expect(isRedisFault(await thrown(redis.set('more', 'x')))).toBe(true);
    expect(
      isRedisFault(await thrown(redis.eval("#!lua\nreturn redis.call('SET','a','b')", 0))),
    ).toBe(true);
    await redis.config('SET', 'maxmemory', '0');
    await redis.replicaof('127.0.0.1', 1);
    expect(isRedisFault(await thrown(redis.set('more', 'x')))).toBe(true);
    await server.stop();
    expect(isRedisFault(await thrown(redis.set('more', 'x')))).toBe(true);
    redis.disconnect();
    expect(isRedisFault(await thrown(redis.set('more', 'x')))).toBe(true);
  });
});
