import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

/* What grows with the alerts has an end: in Redis a time after which it goes, in memory a closed list. */

let bench: Bench;
beforeEach(async () => {
  bench = await startBench({
    playbooks: [
      scaleUp,
      'name: noise\nsummary: Needs nobody.\nmatch: alertname = "Noise"\nignore: true\n',
      scaleUp
        .replace('name: scale-up', 'name: trial')
        .replace(/"Slow"/, '"Tried"')
        .replace('mode: auto', 'mode: shadow'),
    ],
  });
});
afterEach(() => bench.stop());

const minute = 60_000;
/** What Redis says of a key that has no end. */
const noEnd = -1;

/** What becomes of alerts, with words of their own that no alert had before; all of them resolve. */
async function live(from: number, count: number): Promise<void> {
  for (let index = from; index < from + count; index += 1) {
    const service = `service-${index}`;
    bench.targets.add(service, 2);
    const labels = ['Slow', 'Noise', 'Tried', `Unknown${index}`].map((alertname) => ({
      alertname,
      service,
    }));
    await bench.take(labels.map((each) => ({ labels: each })));
    const truncated = { groupKey: `group-${index}`, truncatedAlerts: 3 };
    const broken = { raw: { broken: index } };
    await bench.take([...labels.map((each) => ({ labels: each })), broken], truncated);
    // a cooldown holds it
    const again = { alertname: 'Slow', service, severity: 'critical' };
    await bench.take([{ labels: again }]);
    await bench.pass(minute);
    await bench.take([...labels, again].map((each) => ({ labels: each, resolved: true })));
    await bench.pass(20 * minute);
  }
  // a person would have dismissed what is still open
  const { ledger, clock } = bench;
  for (const stored of await bench.escalations()) {
    if (stored.value.state !== 'open') continue;
    const over = { ...stored.value, state: 'withdrawn' as const, endedAtMs: clock.now() };
    const { check, writes } = ledger.saveEscalation(stored, over, null);
    const { id } = over;
    const record = { atMs: clock.now(), subject: 'escalation', id, event: 'withdrawn' } as const;
    const all = [...writes, ledger.audit({ ...record, reason: 'resolved' })];
    await ledger.commit({ checks: [check], writes: all, nowMs: clock.now() });
  }
  // the messenger's work, which is not there
  const schedule = await bench.redis.zrange(bench.ledger.keys.schedule, '0', '-1');
  const messages = schedule.filter((item) => item.startsWith('message:'));
  await bench.redis.zrem(bench.ledger.keys.schedule, ...messages);
}

/** The keys that nothing removes by itself, with how much they hold. */
async function endless(): Promise<Record<string, number>> {
  const prefix = `{${bench.cell}}:ledger:`;
  const found: Record<string, number> = {};
  for (const key of await bench.redis.keys(`${prefix}*`)) {
    if ((await bench.redis.pttl(key)) !== noEnd) continue;
    const count = {
      string: async () => 1,
      hash: () => bench.redis.hlen(key),
      set: () => bench.redis.scard(key),
      zset: () => bench.redis.zcard(key),
      stream: () => bench.redis.xlen(key),
      list: () => bench.redis.llen(key),
    }[await bench.redis.type(key)];
    found[key.slice(prefix.length)] = (await count?.()) ?? -1;
  }
  return found;
}

test('what an alert leaves behind is gone some day, or is in a list that is trimmed by time', async () => {
  await live(0, 4);
  const before = await endless();
  await live(4, 4);
  const after = await endless();
  const grown = Object.keys(after).filter((key) => (after[key] ?? 0) > (before[key] ?? 0));
  // by ledger.trim, the sealer of the audit trail, and engine/reports/count-alerts.ts
  expect(grown.sort()).toEqual(['audit', 'episodes', 'escalations', 'runs', 'uncounted']);
});

test('nothing that an alert says is a label of a metric', async () => {
  await live(0, 2);
  const lines = async () => (await bench.metrics.registry.metrics()).split('\n').length;
  const before = await lines();
  await live(2, 4);
  expect(await lines()).toBe(before);
});
