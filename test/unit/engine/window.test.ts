import { expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const hour = 3_600_000;
const slow = { alertname: 'Slow', service: 'web' };
const full = { alertname: 'Full', service: 'api' };
const scaleFull = scaleUp.replace('name: scale-up', 'name: scale-full').replace('"Slow"', '"Full"');

/** The clock of the tests stands at midnight of 2026-01-01, UTC. */
async function start(window: string, playbooks = [scaleUp, scaleFull]): Promise<Bench> {
  bench = startBench({ playbooks, policy: `windows: [{ name: maintenance, ${window} }]` });
  for (const name of ['web', 'api']) bench.targets.add(name, 2);
  return bench;
}

const untilTwo = 'time_intervals: [{ times: [{ start_time: "00:00", end_time: "02:00" }] }]';

test('nothing is done automatically during a window, and what was held acts when it ends', async () => {
  await start(untilTwo);
  const endMs = bench.clock.now() + 2 * hour;
  await bench.take([{ labels: slow }]);
  await bench.pass(hour);
  expect((await bench.episode(slow)).verdicts).toMatchObject([
    {
      fate: 'held',
      reason: 'window',
      detail: 'the window maintenance is open until 2026-01-01 02:00 UTC',
      untilMs: endMs,
    },
  ]);
  expect(await bench.escalations()).toMatchObject([{ value: { reason: 'held_too_long' } }]);
  await bench.pass(hour - 1_000);
  expect(bench.targets.effects).toEqual([]);
  await bench.pass(10_000);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

test('a window for one playbook leaves the others alone', async () => {
  await start(`playbooks: [scale-up], ${untilTwo}`);
  await bench.take([{ labels: slow }, { labels: full }]);
  expect(bench.targets.effects).toEqual(['api: 2 → 3']);
});

test('a run that is under way when a window opens waits for its end before the next change', async () => {
  const repeated = scaleUp.replace('settle: 2m', 'settle: 30m\n    repeat: 2');
  await start('time_intervals: [{ times: [{ start_time: "00:15", end_time: "02:00" }] }]', [
    repeated,
  ]);
  await bench.take([{ labels: slow }]);
  await bench.pass(1.9 * hour);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  expect(await bench.runs()).toMatchObject([{ state: 'planning', waiting: { reason: 'window' } }]);
  await bench.pass(0.2 * hour);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
});

test('what a person approves is not automatic', async () => {
  await start(untilTwo, [scaleUp.replace('mode: auto', 'mode: approve')]);
  await bench.take([{ labels: slow }]);
  const [question] = await bench.escalations();
  await bench.answer(question?.value.id ?? '', 'approve');
  await bench.settle();
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

test('a window for a playbook that there is not is a fault of the policy', async () => {
  await expect(start(`playbooks: [scale-upp], ${untilTwo}`)).rejects.toThrow(
    'windows[0].playbooks[0]: no playbook is named',
  );
  await start(untilTwo);
});
