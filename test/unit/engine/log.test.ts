import { expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const full = { alertname: 'Full', service: 'web', secret: 'hunter2' };

test('the log has a line for what the engine does, and none of the values of an alert', async () => {
  const rested = scaleUp
    .replace('name: scale-up', 'name: scale-full')
    .replace('"Slow"', '"Full"')
    .replace('cooldown: 0', 'cooldown: 20m');
  bench = startBench({ playbooks: [scaleUp, rested] });
  bench.targets.add('web', 2);
  await bench.take([{ labels: { alertname: 'Slow', service: 'web' } }]);
  await bench.pass(1_000);
  await bench.take([{ labels: { alertname: 'Slow', service: 'web' }, resolved: true }]);
  await bench.take([{ labels: full }]);
  await bench.pass(16 * 60_000);
  const [run] = await bench.runs();
  const [told] = await bench.escalations();
  expect(bench.logged).toEqual([
    { level: 'info', said: 'run started', run: run?.id, playbook: 'scale-up', targets: ['web'] },
    {
      level: 'info',
      said: 'target changed',
      run: run?.id,
      target: 'web',
      op: { kind: 'resize', from: 2, to: 3, unit: 'replicas' },
    },
    { level: 'info', said: 'run ended', run: run?.id, outcome: 'done', reason: 'resolved' },
    {
      level: 'info',
      said: 'decision deferred',
      alert: (await bench.episode(full)).id,
      playbook: 'scale-full',
      reason: 'cooldown',
      untilMs: expect.any(Number),
    },
    {
      level: 'warn',
      said: 'escalation opened',
      escalation: told?.value.id,
      title: 'Full: web',
      reason: 'held_too_long',
      path: `/api/v1/escalations/${told?.value.id}`,
    },
  ]);
  expect(JSON.stringify(bench.logged)).not.toContain('hunter2');
});
