import { describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = (service: string) => ({ alertname: 'Slow', service });
const names = ['a', 'b', 'c', 'd', 'e'];

async function start(radius: string, playbook = scaleUp): Promise<Bench> {
  bench = startBench({ playbooks: [playbook], policy: `blast_radius: { ${radius} }` });
  for (const name of names) bench.targets.add(name, 2);
  return bench;
}

async function take(...services: string[]): Promise<void> {
  await bench.take(services.map((service) => ({ labels: slow(service) })));
}

test('one target too many trips: what is automatic is held, and one person is told, at once', async () => {
  await start('targets: 2 per 10m');
  await take('a');
  await take('b');
  expect(await bench.resets.tripped()).toBeNull();
  await take('c');
  await take('d');
  expect(bench.targets.effects).toEqual(['a: 2 → 3', 'b: 2 → 3']);
  const trip = await bench.resets.tripped();
  expect(trip).toMatchObject({ detail: 'more than 2 targets in 10 min' });
  for (const service of ['c', 'd']) {
    expect((await bench.episode(slow(service))).verdicts).toMatchObject([
      { fate: 'held', reason: 'blast_radius', escalationId: trip?.escalationId },
    ]);
  }
  const told = [{ value: { kind: 'report', reason: 'blast_radius', id: trip?.escalationId } }];
  expect(await bench.escalations()).toMatchObject(told);
  expect(await bench.audited('guard')).toMatchObject([
    { id: 'blast_radius', event: 'tripped', detail: expect.stringContaining('scale-up on c') },
  ]);
  await bench.pass(60 * minute);
  expect(bench.targets.effects).toHaveLength(2);
  const reasons = (await bench.escalations()).map(({ value }) => value.reason);
  expect(reasons.sort()).toEqual(['blast_radius', 'exhausted', 'exhausted']);
});

test('a person resets it: what was held acts, within a radius that counts anew', async () => {
  await start('targets: 2 per 10m');
  for (const service of ['a', 'b', 'c']) await take(service);
  expect(bench.targets.effects).toHaveLength(2);
  const reset = await bench.resets.resetBlastRadius({ by: 'ada' });
  expect(reset).toMatchObject({ kinds: ['all', 'test.service'] });
  expect(await bench.resets.resetBlastRadius({ by: 'bob' })).toBeNull();
  expect(await bench.escalations()).toMatchObject([
    { value: { state: 'answered', answer: { label: 'Reset', by: 'ada' } } },
  ]);
  await bench.pass(minute);
  await take('d');
  expect(bench.targets.effects.slice(2)).toEqual(['c: 2 → 3', 'd: 2 → 3']);
  await take('e');
  expect(bench.targets.effects).toHaveLength(4);
  const events = (await bench.audited('guard')).map(({ event, by }) => [event, by]);
  expect(events).toEqual([
    ['tripped', undefined],
    ['reset', 'ada'],
    ['tripped', undefined],
  ]);
});

describe('what counts', () => {
  test('is a target, however often: one that is inside already is no new one', async () => {
    await start('targets: 1 per 10m');
    for (let count = 0; count < 3; count += 1) {
      const labels = { ...slow('a'), instance: `i${count}` };
      await bench.take([{ labels }]);
      await bench.take([{ labels, resolved: true }]);
      await bench.pass(minute);
    }
    expect(bench.targets.effects).toHaveLength(3);
    expect(await bench.resets.tripped()).toBeNull();
  });

  test('is the last ten minutes only', async () => {
    await start('targets: 1 per 10m');
    await take('a');
    await bench.pass(10 * minute + 1_000);
    await take('b');
    expect(bench.targets.effects).toEqual(['a: 2 → 3', 'b: 2 → 3']);
  });

  test('is no run that something else holds back', async () => {
    await start('targets: 1 per 10m');
    await take('a');
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'release', forMs: null });
    await take('b');
    expect(await bench.resets.tripped()).toBeNull();
  });

  test('is no run that a person approved, which is not held either', async () => {
    await start('targets: 1 per 10m', scaleUp.replace('mode: auto', 'mode: approve'));
    await take('a', 'b', 'c');
    for (const { value } of await bench.escalations()) await bench.answer(value.id, 'approve');
    await bench.settle();
    expect(bench.targets.effects).toHaveLength(3);
  });
});

test('a run that has begun makes no further change after a trip', async () => {
  await start('targets: 1 per 10m', scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2'));
  await take('a');
  await take('b');
  await bench.pass(10 * minute);
  expect(bench.targets.effects).toEqual(['a: 2 → 3']);
  await bench.resets.resetBlastRadius({ by: 'ada' });
  await bench.pass(minute);
  expect(bench.targets.effects).toContain('a: 3 → 4');
});

describe('a share of the fleet', () => {
  test('is counted by the size of the fleet, and is never less than one target', async () => {
    await start('share: 10%');
    bench.fleet.set('test.service', 5);
    await take('a');
    await take('b');
    expect(bench.targets.effects).toEqual(['a: 2 → 3']);
    expect(await bench.resets.tripped()).toMatchObject({
      detail: 'more than 1 of 5 targets of kind test.service (10%) in 10 min',
    });
    bench.fleet.set('test.service', 40);
    await bench.resets.resetBlastRadius({ by: 'ada' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['a: 2 → 3', 'b: 2 → 3']);
  });

  test('holds while the size of the fleet is not known, without tripping', async () => {
    await start('share: 50%');
    await take('a');
    await bench.pass(5 * minute);
    expect(bench.targets.effects).toEqual([]);
    expect((await bench.episode(slow('a'))).verdicts).toMatchObject([
      { fate: 'held', reason: 'target_unavailable' },
    ]);
    expect(await bench.resets.tripped()).toBeNull();
    bench.fleet.set('test.service', 5);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['a: 2 → 3']);
  });
});
