import { afterEach, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(() => bench.stop());

const slow = { alertname: 'Slow', service: 'web' };

test('an alert fires, its playbook acts once, the target converges, the alert resolves, the run is done', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const { targets } = bench;
  targets.add('web', 2, { afterMs: 3_000 });

  await bench.take([{ labels: slow }]);
  expect(targets.effects).toEqual(['web: 2 → 3']);
  expect(await bench.runs()).toMatchObject([{ state: 'converging', labels: slow }]);

  await bench.pass(5_000);
  expect(await bench.runs()).toMatchObject([{ state: 'settling' }]);

  await bench.pass(30_000);
  await bench.take([{ labels: slow, resolved: true }]);
  const [run] = await bench.runs();
  expect(run).toMatchObject({
    state: 'ended',
    outcome: { kind: 'done', reason: 'resolved' },
    attempts: [{ change: { op: { from: 2, to: 3 } }, undo: false }],
  });
  expect(await bench.episode(slow)).toMatchObject({
    state: 'closed',
    verdicts: [{ playbook: 'scale-up', fate: 'run', reason: 'matched', runId: run?.id }],
    spent: ['scale-up'],
  });
  expect(targets.effects).toEqual(['web: 2 → 3']);
  expect(await bench.escalations()).toEqual([]);
  expect((await bench.audited('run')).map(({ event }) => event)).toEqual(
    expect.arrayContaining(['admitted', 'applying', 'applied', 'looked', 'converged', 'ended']),
  );
});
