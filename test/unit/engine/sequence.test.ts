import { beforeEach, describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;
const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const playbook = scaleUp.replace('test.scale:', 'test.spread:');

beforeEach(async () => {
  bench = startBench({ playbooks: [playbook] });
  bench.targets.add('web', 2, { afterMs: 3_000 });
  for (const name of ['api', 'db']) bench.targets.add(name, 1, { afterMs: 3_000 });
});

const whole = ['web: 2 → 3', 'api: 1 → 2', 'db: 1 → 2'];

describe('an action that takes several changes', () => {
  test('makes one after the other, each when the one before is in effect, and then settles', async () => {
    await bench.take([{ labels: slow }]);
    await bench.pass(2_000);
    expect(bench.targets.effects).toEqual(whole.slice(0, 1));
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(whole);
    expect(await bench.runs()).toMatchObject([{ state: 'settling', taken: 1 }]);
    await bench.take([{ labels: slow, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
  });

  test('names each change in the audit trail', async () => {
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    const applying = (await bench.audited('run')).filter(({ event }) => event === 'applying');
    expect(applying.map(({ detail }) => detail)).toEqual([
      'scale web from 2 to 3 replicas',
      'scale api from 1 to 2 replicas',
      'scale db from 1 to 2 replicas',
    ]);
  });

  test('counts as one attempt of its step', async () => {
    await bench.reload({
      playbooks: [playbook.replace('settle: 2m', 'settle: 1m\n    repeat: 2')],
    });
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual([...whole, 'web: 3 → 4', 'api: 2 → 3', 'db: 2 → 3']);
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'exhausted' }, taken: 2 }]);
  });

  test('is brought to its end though its alert resolves half-way', async () => {
    await bench.take([{ labels: slow }]);
    await bench.pass(2_000);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(whole);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
  });

  test('takes its time between two looks, also when its alert has resolved', async () => {
    await bench.take([{ labels: slow }]);
    bench.targets.setWait('api', true);
    await bench.pass(5_000);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(minute);
    const waiting = (await bench.audited('run')).filter(({ event }) => event === 'waiting');
    expect(waiting.length).toBeGreaterThan(3);
    expect(waiting.length).toBeLessThan(12);
  });

  test.each([
    { of: 'everything' },
    { of: 'target', name: 'api' },
    { of: 'target', name: 'web' },
    { of: 'direction', name: 'up' },
  ] as const)('is held half-way by a pause of $of $name, and goes on after it', async (scope) => {
    await bench.take([{ labels: slow }]);
    await bench.pass(2_000);
    await bench.pauses.set(scope, { by: 'ada', why: 'a look', forMs: 5 * minute });
    await bench.pass(4 * minute);
    expect(bench.targets.effects).toEqual(whole.slice(0, 1));
    expect(await bench.runs()).toMatchObject([
      { state: 'continuing', waiting: { reason: 'paused' } },
    ]);
    await bench.pass(5 * minute);
    expect(bench.targets.effects).toEqual(whole);
  });

  test('leaves a target alone on which another run works, until that is over', async () => {
    await bench.write(['SET', bench.ledger.keys.lock('test.service/api'), 'another']);
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(whole.slice(0, 1));
    expect(await bench.runs()).toMatchObject([{ waiting: { reason: 'target_busy' } }]);
    await bench.ledger.redis.del(bench.ledger.keys.lock('test.service/api'));
    await bench.pass(3 * minute);
    expect(bench.targets.effects).toEqual(whole);
  });

  test('waits for what comes next, and makes up for what was done for it when it never comes', async () => {
    await bench.take([{ labels: slow }]);
    bench.targets.setWait('api', true);
    await bench.pass(20 * minute);
    expect(bench.targets.effects).toEqual(whole.slice(0, 1));
    await bench.pass(20 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'failed', reason: 'waiting' } }]);
    const [report] = await bench.escalations();
    expect(report?.value.detail).toMatchInlineSnapshot(`
      "scale-up: the target is not ready for a change: a rollout is in progress.
      • scale web from 2 to 3 replicas: converged after 3 s, but the next change never came (a rollout is in progress)
      • scale web from 3 to 2 replicas: converged after 3 s"
    `);
  });

  test('waits for what it cannot read, and says in the end that it stopped half-way', async () => {
    await bench.take([{ labels: slow }]);
    for (let count = 0; count < 500; count += 1) bench.targets.failNext('observe', 'unavailable');
    await bench.pass(20 * minute);
    expect(await bench.runs()).toMatchObject([{ state: 'continuing' }]);
    await bench.pass(20 * minute);
    expect(bench.targets.effects).toEqual(whole.slice(0, 1));
    const [report] = await bench.escalations();
    expect(report?.value).toMatchObject({ reason: 'target_unavailable' });
    expect(report?.value.detail).toContain('the changes made so far stay');
  });

  test('makes up for a change that does not come into effect, and tells a person all of it', async () => {
    bench.targets.setConvergence('api', 'never');
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    bench.targets.setConvergence('web', 'at_once');
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'api: 1 → 2', 'web: 3 → 2']);
    expect(await bench.runs()).toMatchObject([
      { outcome: { kind: 'failed', reason: 'not_converged' } },
    ]);
    const [report] = await bench.escalations();
    expect(report?.value.detail).toMatchInlineSnapshot(`
      "scale-up: the target did not reach the requested state: fewer of 2 run.
      • scale web from 2 to 3 replicas: converged after 3 s
      • scale api from 1 to 2 replicas: accepted, but not converged (fewer of 2 run)
      • scale web from 3 to 2 replicas: converged after 0 s"
    `);
  });

  test('makes up for a change that is refused', async () => {
    await bench.take([{ labels: slow }]);
    bench.targets.failNext('apply', 'forbidden');
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
  });

  test('plans a change anew that was refused for now, and no other', async () => {
    await bench.take([{ labels: slow }]);
    bench.targets.failNext('apply', 'busy');
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(whole);
    expect(bench.targets.calls.apply).toBe(4);
    expect(await bench.runs()).toMatchObject([{ taken: 1, attempts: { length: 3 } }]);
  });

  test('looks for the outcome of a change that was not seen, and sends nothing twice', async () => {
    await bench.take([{ labels: slow }]);
    bench.targets.failNext('apply', 'unknown', true);
    await bench.pass(2 * minute);
    expect(bench.targets.effects).toEqual(whole);
    expect(bench.targets.calls.apply).toBe(3);
  });

  test('whose outcome is never seen ends there, and a person is told what has been done', async () => {
    await bench.take([{ labels: slow }]);
    bench.targets.failNext('apply', 'unknown');
    for (let count = 0; count < 200; count += 1) bench.targets.failNext('verify', 'unavailable');
    await bench.pass(15 * minute);
    expect(bench.targets.effects).toEqual(whole.slice(0, 1));
  });

  test('does not go on for ever', async () => {
    for (let count = 0; count < 120; count += 1) bench.targets.add(`many-${count}`, 1);
    await bench.take([{ labels: slow }]);
    await bench.pass(20 * minute);
    expect(bench.targets.calls.apply).toBe(100);
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'not_converged' } }]);
  });

  test('says to a person who is asked what comes after the first change', async () => {
    await bench.reload({ playbooks: [playbook.replace('mode: auto', 'mode: approve')] });
    await bench.take([{ labels: slow }]);
    const [question] = await bench.escalations();
    expect(question?.value.detail).toContain(
      'scale web from 2 to 3 replicas, then each other service',
    );
    await bench.answer(question?.value.id ?? '', 'approve');
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(whole);
  });
});
