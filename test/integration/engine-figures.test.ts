import { afterEach, describe, expect, test } from 'vitest';
import { countAlerts } from '../../src/engine/reports/count-alerts.js';
import { createPlaybookStatuses } from '../../src/engine/reports/playbook-status.js';
import { type Ends, maxReached, readDailyStats } from '../../src/ledger/daily-stats.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

/* What is counted of the alerts that are over, and of playbooks, on a real Redis. */

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const day = 24 * 60 * minute;
const slow = { alertname: 'Slow', service: 'web', instance: '10.0.0.7' };
const resolved = (labels: Record<string, string>) => ({ labels, resolved: true });

async function start(...playbooks: string[]): Promise<void> {
  bench = await startBench({ playbooks });
  bench.targets.add('web', 2);
}

/** The figures of today after everything that is over was counted, without zeros. */
async function figures() {
  bench.clock.advance(2 * minute);
  await countAlerts(bench);
  const { days, ...rest } = await readDailyStats(bench.ledger, 1, bench.clock.now());
  return { ...rest, ends: withoutZeros(days[0]?.ends) };
}

function withoutZeros(ends: Ends | undefined) {
  return Object.fromEntries(Object.entries(ends ?? {}).filter(([, count]) => count > 0));
}

describe('an alert that is over is counted', () => {
  test('as resolved by the machine, where a playbook acted and nobody was asked', async () => {
    await start(scaleUp);
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    await bench.take([resolved(slow)]);
    expect(await figures()).toEqual({ ends: { by_machine: 1 }, reached: [], reachedOthers: 0 });
  });

  test('as resolved by a click, where a person approved what was done', async () => {
    await start(scaleUp.replace('mode: auto', 'mode: approve'));
    await bench.take([{ labels: slow }]);
    const [question] = await bench.escalations();
    await bench.answer(question?.value.id ?? '', 'approve');
    await bench.pass(minute);
    await bench.take([resolved(slow)]);
    expect(await figures()).toMatchObject({
      ends: { by_click: 1 },
      reached: [{ labels: { alertname: 'Slow', service: 'web' }, count: 1 }],
    });
  });

  test('as having reached people, where no playbook took it', async () => {
    await start(scaleUp);
    const odd = { alertname: 'Odd', service: 'web' };
    await bench.take([{ labels: odd }]);
    await bench.take([resolved(odd)]);
    expect(await figures()).toMatchObject({
      ends: { by_people: 1 },
      reached: [{ labels: odd, count: 1 }],
    });
  });

  test('as having reached people, where the machine acted in vain and told them', async () => {
    await start(scaleUp);
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    await bench.take([resolved(slow)]);
    expect(await figures()).toMatchObject({ ends: { by_people: 1 } });
  });

  test('as ended by itself, where it was gone before anything was done', async () => {
    await start(scaleUp.replace('cooldown: 0', 'cooldown: 1h'));
    await bench.redis.set(bench.ledger.keys.changed('test.service/web'), bench.clock.now());
    await bench.take([{ labels: slow }]);
    await bench.take([resolved(slow)]);
    expect(await figures()).toMatchObject({ ends: { by_itself: 1 }, reached: [] });
  });

  test('as ignored, where a playbook says that it needs nobody', async () => {
    await start('name: noise\nsummary: Noise.\nmatch: alertname = "Slow"\nignore: true\n');
    await bench.take([{ labels: slow }]);
    await bench.take([resolved(slow)]);
    expect(await figures()).toMatchObject({ ends: { ignored: 1 } });
  });
});

describe('an alert is counted once', () => {
  const odd = { alertname: 'Odd' };

  test('however many workers count, and however often', async () => {
    await start(scaleUp);
    await bench.take([{ labels: odd }]);
    await bench.take([resolved(odd)]);
    bench.clock.advance(2 * minute);
    await Promise.all([countAlerts(bench), countAlerts(bench)]);
    bench.clock.advance(minute);
    expect(await figures()).toMatchObject({ ends: { by_people: 1 } });
  });

  test('where another worker has counted it between the look and the writing', async () => {
    await start(scaleUp);
    await bench.take([{ labels: odd }]);
    await bench.take([resolved(odd)]);
    bench.clock.advance(2 * minute);
    const late = { ...bench.ledger, commit: slowly(bench) };
    await countAlerts({ clock: bench.clock, ledger: late });
    expect(await figures()).toMatchObject({ ends: { by_people: 1 } });
  });

  test('and not right after its end, in case it fires again', async () => {
    await start(scaleUp);
    await bench.take([{ labels: odd }]);
    await bench.take([resolved(odd)]);
    await countAlerts(bench);
    const { days } = await readDailyStats(bench.ledger, 1, bench.clock.now());
    expect(withoutZeros(days[0]?.ends)).toEqual({});
    expect(await figures()).toMatchObject({ ends: { by_people: 1 } });
  });

  test('while it fires again it is not over', async () => {
    await start(scaleUp);
    const startsAtMs = bench.clock.now() - minute;
    await bench.take([{ labels: odd, startsAtMs }]);
    await bench.take([resolved(odd)]);
    await bench.take([{ labels: odd, startsAtMs }]);
    expect((await figures()).ends).toEqual({});
    await bench.take([resolved(odd)]);
    expect(await figures()).toMatchObject({ ends: { by_people: 1 } });
  });

  test('an alert of which only the end was heard is none', async () => {
    await start(scaleUp);
    await bench.take([resolved(odd)]);
    expect((await figures()).ends).toEqual({});
  });
});

test('the kinds of alerts that reached people are listed by how often, up to a number of them a day', async () => {
  await start(scaleUp);
  const kinds = Array.from({ length: maxReached + 3 }, (_, index) => ({
    alertname: `Odd${index}`,
  }));
  const twice = { alertname: 'Often', service: 'web' };
  await bench.take([{ labels: twice }]);
  await bench.take([resolved(twice)]);
  await figures();
  await bench.take(kinds.map((labels) => ({ labels })));
  await bench.take(kinds.map(resolved));
  await figures();
  bench.clock.advance(minute);
  await bench.take([{ labels: twice, startsAtMs: bench.clock.now() }]);
  bench.clock.advance(minute);
  await bench.take([resolved(twice)]);
  const { ends, reached, reachedOthers } = await figures();
  expect(ends).toEqual({ by_people: maxReached + 5 });
  expect(reached[0]).toEqual({ labels: twice, count: 2 });
  expect(reached).toHaveLength(20);
  expect(reachedOthers).toBe(4);
  expect(await bench.redis.zcard(bench.ledger.keys.reached(today()))).toBe(maxReached + 1);
});

test('what is counted belongs to the day on which the alert ended', async () => {
  await start(scaleUp);
  const odd = { alertname: 'Odd' };
  await bench.take([{ labels: odd }]);
  await bench.take([resolved(odd)]);
  bench.clock.advance(2 * day);
  await countAlerts(bench);
  const { days } = await readDailyStats(bench.ledger, 3, bench.clock.now());
  expect(days.map(({ ends }) => ends.by_people)).toEqual([1, 0, 0]);
});

test('a playbook stands with its evidence, what is left of its limits, and what holds it', async () => {
  await start(scaleUp.replace('cooldown: 0', 'cooldown: 10m, limits: [2 per 1h]'));
  await bench.take([{ labels: slow }]);
  await bench.pass(minute);
  await bench.take([resolved(slow)]);
  await bench.pauses.set(
    { of: 'playbook', name: 'scale-up' },
    { by: 'ada', why: 'why', forMs: null },
  );
  await bench.pauses.set({ of: 'playbook', name: 'other' }, { by: 'ada', why: 'why', forMs: null });
  const parts = bench.context();
  const standings = createPlaybookStatuses({ ...parts, pauses: bench.pauses });
  const { playbooks } = parts.active().library;
  const [standing] = await standings.of(playbooks, 2);
  expect(standing?.evidence.total).toMatchObject({ helped: 1, took_1m: 1, took_2m: 0 });
  expect(standing?.evidence.days.map(({ counts }) => counts.helped)).toEqual([0, 1]);
  expect(standing?.pauses.map(({ of }) => of)).toEqual(['playbook']);
  expect(standing?.allowances).toMatchObject([
    { scope: 'scale-up', count: 10, used: 1, freeAtMs: null },
    { scope: 'the whole fleet', count: 20, used: 1, freeAtMs: null },
  ]);
  const [target] = await standings.onTargets(playbooks[0] as never, await bench.runs());
  expect(target?.target.name).toBe('web');
  expect(target?.restsUntilMs).toBeGreaterThan(bench.clock.now());
  expect(target?.allowances).toMatchObject([
    { scope: 'scale-up on web', count: 2, used: 1 },
    { scope: 'web', count: 10, used: 1 },
  ]);
});

test('the latest runs of a playbook are found by its name, and no more than are kept', async () => {
  await start(scaleUp);
  const key = bench.ledger.keys.runsOf('scale-up');
  for (let index = 0; index < 200; index += 1) await bench.redis.zadd(key, index, `old-${index}`);
  await bench.take([{ labels: slow }]);
  const [run] = await bench.runs();
  expect(await bench.redis.zcard(key)).toBe(200);
  expect(await bench.redis.zrange(key, '-1', '-1')).toEqual([run?.id]);
  expect(await bench.redis.zscore(key, 'old-0')).toBeNull();
});

function today(): string {
  return new Date(bench.clock.now()).toISOString().slice(0, 10);
}

/** A commit before which somebody else counts the same alerts. */
function slowly({ ledger, clock }: Bench): Bench['ledger']['commit'] {
  let isFirst = true;
  return async (transaction) => {
    if (isFirst && transaction.writes.some(([command]) => command === 'ZREM')) {
      isFirst = false;
      await ledger.redis.del(ledger.keys.turn('count'));
      await countAlerts({ ledger, clock });
    }
    return ledger.commit(transaction);
  };
}
