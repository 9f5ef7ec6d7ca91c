import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { type Reloading, startReloading } from '../support/reloading.js';

/* What is in work when the playbooks change: the engine on a real Redis, its set from a real folder. */

let bench: Bench;
let one: Reloading;
beforeEach(async () => {
  bench = await startBench({ playbooks: [] });
  bench.targets.add('web', 2);
});
afterEach(() => bench.stop());

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const twoSteps = scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2');

async function start(text: string): Promise<void> {
  one = await startReloading(bench, { 'a.yaml': text });
  bench.use(bench.another({ active: one.set.active }));
}

async function change(text: string): Promise<void> {
  await one.write({ 'a.yaml': text });
  await one.settle();
  expect(one.state().ok).toBe(true);
}

const hashOf = (name: string) =>
  one.set.active().library.playbooks.find((playbook) => playbook.name === name)?.hash;

describe('a run that is in work when its playbook changes', () => {
  test('takes its steps as they were when it began, and names that version', async () => {
    await start(twoSteps);
    const first = hashOf('scale-up');
    await bench.take([{ labels: slow }]);
    await change(twoSteps.replace('by: 1', 'by: 3'));
    expect(hashOf('scale-up')).not.toBe(first);
    await bench.pass(3 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: { ...slow, zone: 'b' } }]);
    expect(bench.targets.effects.at(-1)).toBe('web: 4 → 7');
    expect(await bench.runs()).toMatchObject([
      { origin: { hash: first }, state: 'ended', outcome: { reason: 'resolved' } },
      { origin: { hash: hashOf('scale-up') } },
    ]);
  });

  test('goes on to its end, too, when its playbook is gone', async () => {
    await start(twoSteps);
    await bench.take([{ labels: slow }]);
    await change(scaleUp.replace('scale-up', 'other').replace('"Slow"', '"Other"'));
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'exhausted' } }]);
  });
});

test('a question about a playbook that is gone may still be answered, and what was shown is done', async () => {
  await start(scaleUp.replace('mode: auto', 'mode: approve'));
  await bench.take([{ labels: slow }]);
  const [question] = await bench.escalations();
  await change(scaleUp.replace('scale-up', 'other').replace('"Slow"', '"Other"'));
  await bench.answer(question?.value.id ?? '', 'approve');
  await bench.pass(minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

describe('what is held when the playbooks change', () => {
  const limited = scaleUp.replace('{ cooldown: 0 }', '{ cooldown: 0, limits: [1 per 1d] }');
  const other = { ...slow, zone: 'b' };

  async function hold(): Promise<void> {
    await start(limited);
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: other }]);
    await bench.pass(20 * minute);
    const { verdicts } = await bench.episode(other);
    expect(verdicts).toMatchObject([{ fate: 'held', reason: 'limit', told: true }]);
    expect(verdicts[0]?.untilMs).toBeGreaterThan(bench.clock.now() + 60 * minute);
  }

  test('is decided again with the new set within seconds, not when the guard would lift', async () => {
    await hold();
    await change(scaleUp);
    await bench.pass(10_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('stays held, and rests, where the new set holds it, too', async () => {
    await hold();
    const before = (await bench.episode(other)).verdicts;
    await change(`${limited}\n# only a remark`);
    await bench.pass(10_000);
    const after = (await bench.episode(other)).verdicts;
    expect(after).toMatchObject([{ fate: 'held', reason: 'limit', sinceMs: before[0]?.sinceMs }]);
    const { observe } = bench.targets.calls;
    await bench.pass(20 * minute);
    expect(bench.targets.calls.observe).toBe(observe);
  });

  test('goes to a person where no playbook takes it any more', async () => {
    await hold();
    await change(scaleUp.replace('"Slow"', '"Other"'));
    await bench.pass(10_000);
    const { verdicts } = await bench.episode(other);
    expect(verdicts).toMatchObject([{ playbook: null, fate: 'escalated', reason: 'no_match' }]);
  });

  test('for a busy target does not wait for that one any more when the new set wants another', async () => {
    await start(scaleUp);
    bench.targets.add('db', 5);
    await bench.redis.set(bench.ledger.keys.lock('test.service/web'), 'another-run');
    await bench.take([{ labels: slow }]);
    expect((await bench.episode(slow)).verdicts).toMatchObject([{ reason: 'target_busy' }]);
    await change(scaleUp.replace('${{ labels.service }}', 'db'));
    await bench.pass(10_000);
    expect(bench.targets.effects).toEqual(['db: 5 → 6']);
  });
});
