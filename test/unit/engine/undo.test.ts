import { describe, expect, test } from 'vitest';
import type { Run } from '../../../src/ledger/run.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };

const step = (by: number, more = '', service = 'web') =>
  `  - { test.scale: { service: ${service}, by: ${by}, min: 0, max: 8 }, settle: 1m, undo: true${more} }`;

async function start(...steps: string[]): Promise<Bench> {
  const playbook = scaleUp.replace(/steps:[\s\S]*guards/, `steps:\n${steps.join('\n')}\nguards`);
  bench = startBench({ playbooks: [playbook] });
  for (const name of ['web', 'api']) bench.targets.add(name, 2);
  return bench;
}

/** The only run, which has ended, and what a person was told about it. */
async function ended(): Promise<{ run: Run; report: string }> {
  const [run, ...others] = await bench.runs();
  expect(others).toEqual([]);
  if (run?.state !== 'ended') throw new Error(`the run stands at ${run?.state}`);
  const [report, ...more] = await bench.escalations();
  expect(more).toEqual([]);
  return { run, report: report?.value.detail ?? '' };
}

test('what did not help is put back, and a person is told both', async () => {
  await start(step(1, ', repeat: 2'));
  await bench.take([{ labels: slow }]);
  await bench.pass(10 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4', 'web: 4 → 2']);
  const { run, report } = await ended();
  expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'exhausted' });
  expect(report).toContain('scale web from 3 to 4 replicas: converged');
  expect(report).toContain('undo: scale web from 4 to 2 replicas: converged');
});

test('it is put back from the last step to the first', async () => {
  await start(step(1), step(2, '', 'api'));
  await bench.take([{ labels: slow }]);
  await bench.pass(10 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'api: 2 → 4', 'api: 4 → 2', 'web: 3 → 2']);
});

test('steps that do not ask for it stay as they are', async () => {
  await start(step(1).replace(', undo: true', ''), step(2, '', 'api'));
  await bench.take([{ labels: slow }]);
  await bench.pass(10 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'api: 2 → 4', 'api: 4 → 2']);
});

test('nothing is put back when the alert resolved', async () => {
  await start(step(1));
  await bench.take([{ labels: slow }]);
  await bench.pass(30_000);
  await bench.take([{ labels: slow, resolved: true }]);
  await bench.pass(10 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

test('what did not converge is put back too, and a person is told why the run gave up', async () => {
  await start(step(1));
  bench.targets.setConvergence('web', 'never');
  await bench.take([{ labels: slow }]);
  await bench.pass(90_000);
  bench.targets.setConvergence('web', 'at_once');
  await bench.pass(minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
  const { run, report } = await ended();
  expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'not_converged' });
  expect(report).toContain('did not reach the requested state');
});

describe('where the target was changed outside this run', () => {
  test('after the last step, it is left as it is, and the report says so', async () => {
    await start(step(1));
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    bench.targets.setSize('web', 7);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(bench.targets.size('web')).toBe(7);
    const { report } = await ended();
    expect(report).toContain('not undone: web stays at 7 replicas: it has changed since');
    expect(report).not.toContain('put back');
  });

  test('between two steps, what they did is kept and only what the run did since is put back', async () => {
    await start(step(1, ', repeat: 2'));
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    bench.targets.setSize('web', 5);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 5 → 6', 'web: 6 → 5']);
  });

  test('while it is put back, nothing more is sent, and a person is told', async () => {
    await start(step(1));
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    bench.targets.setConvergence('web', { afterMs: 20_000 });
    await bench.pass(35_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
    bench.targets.setSize('web', 7);
    await bench.pass(10 * minute);
    expect(bench.targets.size('web')).toBe(7);
    expect((await ended()).run.outcome).toMatchObject({ kind: 'failed', reason: 'target_changed' });
  });
});

describe('what holds a step back holds putting back back too', () => {
  test('while it would disturb something in progress, and it is put back after that', async () => {
    await start(step(1));
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    bench.targets.setWait('web', true);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    bench.targets.setWait('web', false);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
    expect((await ended()).run.outcome).toMatchObject({ kind: 'failed', reason: 'exhausted' });
  });

  test('but not for ever: the target is left as it is, and the report says so', async () => {
    await start(step(1));
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    bench.targets.setWait('web', true);
    await bench.pass(40 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    const { run, report } = await ended();
    expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'exhausted' });
    expect(report).toContain('not undone: web stays at 3 replicas: a rollout is in progress');
  });

  test('where it must not be at all: the target is left as it is, and the report says so', async () => {
    await start(step(1).replace('min: 0, ', ''));
    await bench.take([{ labels: slow }]);
    await bench.pass(30_000);
    const policy = 'bounds: { min: 3 }';
    await bench.reload({ playbooks: [scaleUp], policy });
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect((await ended()).report).toContain('not undone: web stays at 3 replicas');
    expect((await ended()).report).toContain('its min is 3');
  });
});

describe('where the target refused a change', () => {
  test('the only one, there is nothing to put back, and a person is told that it refused', async () => {
    await start(step(1));
    bench.targets.failNext('apply', 'invalid');
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    const { run, report } = await ended();
    expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'rejected' });
    expect(report).not.toContain('changed since');
    expect(bench.targets.effects).toEqual([]);
  });

  test('after one that it took, that one is put back', async () => {
    await start(step(1, ', repeat: 2'));
    await bench.take([{ labels: slow }]);
    bench.targets.failNext('apply', 'invalid');
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
    const { run, report } = await ended();
    expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'rejected' });
    expect(report).not.toContain('changed since');
  });
});
