import { describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };

async function start(playbook = scaleUp): Promise<Bench> {
  bench = startBench({ playbooks: [playbook] });
  bench.targets.add('web', 2);
  bench.targets.add('api', 2);
  return bench;
}

const withSteps = (...steps: string[]) =>
  scaleUp.replace(/steps:[\s\S]*guards/, `steps:\n${steps.join('\n')}\nguards`);
const step = (by: number, settings = 'max: 8, min: 0', more = '', service = 'web') =>
  `  - { test.scale: { service: ${service}, by: ${by}, ${settings} }, settle: 1m${more} }`;

async function ended() {
  const [run, ...others] = await bench.runs();
  expect(others).toEqual([]);
  expect(run?.state).toBe('ended');
  return run;
}

/** Reason and text of every report to a person. */
async function reports(): Promise<[string, string][]> {
  const escalations = await bench.escalations();
  return escalations.map(({ value }) => [value.reason, value.detail]);
}

describe('when the alert does not resolve', () => {
  test('the step is repeated towards a new size each time, then a person is told what was tried', async () => {
    await start(scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 3'));
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4', 'web: 4 → 5']);
    expect(await ended()).toMatchObject({ outcome: { kind: 'failed', reason: 'exhausted' } });
    expect(await reports()).toEqual([
      ['exhausted', expect.stringMatching(/2 to 3.*3 to 4.*4 to 5/s)],
    ]);
  });

  test('the next step comes, each after the time that the one before has to help', async () => {
    await start(withSteps(step(1), step(2)));
    await bench.take([{ labels: slow }]);
    await bench.pass(minute - 1_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.pass(2_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 5']);
  });

  test('no step comes any more once it has', async () => {
    await start(withSteps(step(1), step(2)));
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await reports()).toEqual([]);
  });
});

describe('when the target does not converge', () => {
  test('the same step is not asked for again: the next one comes, then a person is told', async () => {
    await start(withSteps(step(1, undefined, ', repeat: 5'), step(1, undefined, '', 'api')));
    bench.targets.setConvergence('web', 'never');
    bench.targets.setConvergence('api', 'never');
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'api: 2 → 3']);
    expect(await ended()).toMatchObject({ outcome: { kind: 'failed', reason: 'not_converged' } });
    expect(await reports()).toEqual([
      ['not_converged', expect.stringContaining('accepted, but not converged (fewer of 3 run)')],
    ]);
  });

  test('at once, it is waited for, and not longer than the action says', async () => {
    await start();
    bench.targets.setConvergence('web', { afterMs: 55_000 });
    await bench.take([{ labels: slow }]);
    await bench.pass(40_000);
    expect(await bench.runs()).toMatchObject([{ state: 'converging' }]);
    await bench.pass(30_000);
    expect(await bench.runs()).toMatchObject([{ state: 'settling' }]);
  });

  test('and the alert resolves meanwhile, it is looked at no more often than before', async () => {
    await start();
    bench.targets.setConvergence('web', { afterMs: 50_000 });
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ state: 'converging' }]);
    await bench.pass(65_000);
    expect(await ended()).toMatchObject({ outcome: { kind: 'done', reason: 'resolved' } });
    // every half second at first, every ten seconds later
    expect(bench.targets.calls.verify).toBeLessThan(25);
  });
});

describe('at a bound', () => {
  test('the floor is where scaling down ends: it is quiet', async () => {
    await start(withSteps(step(-1, 'min: 2')));
    await bench.take([{ labels: slow }]);
    expect(await ended()).toMatchObject({ outcome: { kind: 'done', reason: 'at_bound' } });
    expect(await reports()).toEqual([]);
    expect(bench.targets.calls.apply).toBe(0);
  });

  test('the ceiling is trouble: a person is told', async () => {
    await start(withSteps(step(1, 'max: 2')));
    await bench.take([{ labels: slow }]);
    expect(await ended()).toMatchObject({ outcome: { kind: 'failed', reason: 'at_bound' } });
    expect(await reports()).toEqual([['at_bound', expect.stringContaining('its max is 2')]]);
    expect(bench.targets.calls.apply).toBe(0);
  });

  test('a step that has no room is left out for the next one', async () => {
    await start(withSteps(step(1, 'max: 2'), step(1, undefined, '', 'api')));
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['api: 2 → 3']);
  });

  test('a step is never taken beyond it', async () => {
    await start(withSteps(step(5, 'max: 4', ', repeat: 3')));
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 4']);
  });
});

describe('when the target is another', () => {
  test('it has changed under the run: nothing more is done to it, and a person is told', async () => {
    await start();
    bench.targets.setConvergence('web', { afterMs: 30_000 });
    await bench.take([{ labels: slow }]);
    bench.targets.setSize('web', 7);
    await bench.pass(minute);
    expect(await ended()).toMatchObject({ outcome: { kind: 'failed', reason: 'target_changed' } });
    expect(await reports()).toEqual([
      ['target_changed', expect.stringContaining('it has 7, not 3')],
    ]);
    expect(bench.targets.size('web')).toBe(7);
  });

  test('it was replaced under the same name: the new one is left alone', async () => {
    await start(withSteps(step(1), step(1)));
    await bench.take([{ labels: slow }]);
    bench.targets.replace('web');
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await ended()).toMatchObject({ outcome: { reason: 'target_changed' } });
  });
});

describe('when now is not the time', () => {
  test('it waits, and acts when it is', async () => {
    await start();
    bench.targets.setWait('web', true);
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(await bench.runs()).toMatchObject([
      {
        state: 'planning',
        waiting: { reason: 'waiting', detail: 'a rollout is in progress' },
      },
    ]);
    bench.targets.setWait('web', false);
    await bench.pass(15_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('for half an hour, a person is told', async () => {
    await start();
    bench.targets.setWait('web', true);
    await bench.take([{ labels: slow }]);
    await bench.pass(31 * minute);
    expect(await ended()).toMatchObject({ outcome: { kind: 'failed' } });
    expect(await reports()).toEqual([
      ['waiting', expect.stringContaining('a rollout is in progress')],
    ]);
  });
});
