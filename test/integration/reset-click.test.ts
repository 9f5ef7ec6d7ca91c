import { afterEach, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

/* A person's click on Reset, in the report that told them. */

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;

async function report(reason: string): Promise<string> {
  const found = (await bench.escalations()).find(({ value }) => value.reason === reason);
  if (found === undefined) throw new Error(`nobody was told of ${reason}`);
  expect(found.value.choices?.map(({ id }) => id)).toEqual(['reset', 'ack', 'dismiss']);
  expect(found.value.choices?.[0]?.confirm).toBeDefined();
  return found.value.id;
}

async function trip(): Promise<string> {
  const policy = 'blast_radius: { targets: 1 per 10m }';
  bench = await startBench({ playbooks: [scaleUp], policy });
  for (const service of ['a', 'b']) {
    bench.targets.add(service, 2);
    await bench.take([{ labels: { alertname: 'Slow', service } }]);
  }
  return report('blast_radius');
}

test('resets the blast radius in the same step: what was held acts', async () => {
  const id = await trip();
  expect(bench.targets.effects).toEqual(['a: 2 → 3']);
  expect(await bench.answer(id, 'reset', 'ada')).toMatchObject({
    kind: 'accepted',
    escalation: { state: 'answered', answer: { label: 'Reset', by: 'ada' } },
  });
  expect(await bench.resets.tripped()).toBeNull();
  expect(await bench.audited('guard')).toContainEqual(
    expect.objectContaining({ id: 'blast_radius', event: 'reset', by: 'ada' }),
  );
  await bench.pass(minute);
  expect(bench.targets.effects).toEqual(['a: 2 → 3', 'b: 2 → 3']);
});

test('of several clicks at once one resets, and the record holds one reset', async () => {
  const id = await trip();
  const results = await Promise.all(['ada', 'bo', 'cy'].map((by) => bench.answer(id, 'reset', by)));
  expect(results.map(({ kind }) => kind).sort()).toEqual(['accepted', 'too_late', 'too_late']);
  const resets = (await bench.audited('guard')).filter(({ event }) => event === 'reset');
  expect(resets).toHaveLength(1);
});

test('after a reset elsewhere, a click does not reset what has tripped since', async () => {
  const id = await trip();
  const before = await bench.ledger.escalation(id);
  await bench.redis.set(
    bench.ledger.keys.tripped,
    JSON.stringify({ ...(await bench.resets.tripped()), escalationId: 'another' }),
  );
  expect(before?.value.state).toBe('open');
  expect(await bench.answer(id, 'reset')).toMatchObject({ kind: 'too_late' });
  expect(await bench.resets.tripped()).not.toBeNull();
});

test('resets a breaker; who may is asked of that playbook', async () => {
  bench = await startBench({ playbooks: [scaleUp], policy: 'breaker: { failures: 1 }' });
  bench.targets.add('web', 1);
  await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
  await bench.pass(3 * minute);
  const id = await report('breaker');
  const asked: unknown[] = [];
  const mayDecide = async (_: unknown, playbook: string | null) => {
    asked.push(playbook);
    return { allowed: true } as const;
  };
  expect(await bench.answer(id, 'reset', 'ada', { mayDecide })).toMatchObject({ kind: 'accepted' });
  expect(asked).toEqual(['scale-up']);
  expect(await bench.resets.openBreakers()).toEqual([]);
});
