import { expect, test } from 'vitest';
import { createSwarmJob } from '../../../../src/integrations/swarm/job.js';
import { nodeAmong } from '../../../../src/integrations/swarm/node-reference.js';
import { createSimulatedJobs } from '../../../../src/integrations/swarm/simulated-jobs.js';
import { createSimulatedNodes } from '../../../../src/integrations/swarm/simulated-nodes.js';
import type { Choice } from '../../../../src/ledger/escalation.js';
import type { Clock } from '../../../../src/lib/clock.js';
import { jobOf } from '../../../support/job.js';
import { startBench } from '../../../support/memory-engine.js';
import { swarmOf } from '../../../support/swarm-of.js';

const labels = { alertname: 'DiskFull', instance: 'node-3:9100' };

const playbook = `
name: clean-disk
summary: Frees disk space.
match: alertname = "DiskFull"
mode: auto
steps:
  - swarm.job: { job: clean-disk, with: { node: "\${{ labels.instance }}", days: 3 } }
    settle: 2m
guards: { cooldown: 0 }
`;

const jobs = `
jobs:
  clean-disk:
    image: alpine:3.22
    command: [/clean]
    time_limit: 5m
    inputs: { node: { type: node }, days: { type: number, min: 1, default: 7 } }
`;

/** A bench with one job, and what the Swarm is told. */
function start(state: Record<string, unknown> = {}, more: Record<string, string> = {}) {
  const told: string[] = [];
  let nodeState = 'ready';
  const swarm = (clock: Clock) => {
    const found = { takes: 20_000, exits: 0, prints: 'freed', replies: 'runs', ...state };
    const given = { find: () => found as never, names: () => ['clean-disk'] };
    const simulated = createSimulatedJobs({ given, clock, onEffect: () => told.push('started') });
    const nodes = createSimulatedNodes({
      given: { find: () => ({}) as never, names: () => ['node-3', 'node-4'] },
      machines: () => new Map(),
      clock,
      onEffect: () => undefined,
    });
    const watched = {
      ...simulated,
      async end(key: string) {
        told.push('ended');
        await simulated.end(key);
      },
      async remove(key: string) {
        told.push('removed');
        await simulated.remove(key);
      },
    };
    const all = async () =>
      (await nodes.nodes()).map((node) =>
        node.name === 'node-3' ? { ...node, state: nodeState } : node,
      );
    const node = async (wanted: string) => nodeAmong(await all(), wanted);
    return [createSwarmJob({ jobs: watched, swarm: swarmOf({}), nodes: { nodes: all, node } })];
  };
  const bench = startBench({
    playbooks: [more.playbook ?? playbook],
    jobs: more.jobs ?? jobs,
    actions: swarm,
  });
  return Object.assign(bench, {
    told,
    lose() {
      nodeState = 'down';
    },
  });
}

test('a job runs on the node that the alert names, and its output is kept with the run', async () => {
  const { take, pass, runs, told, audited } = start();
  await take([{ labels }]);
  await pass(30_000);
  await take([{ labels, resolved: true }]);
  const [run] = await runs();
  expect(run).toMatchObject({
    outcome: { kind: 'done', reason: 'resolved' },
    attempts: [
      {
        change: {
          target: { id: 'swarm.node/node-3' },
          op: { values: { node: 'node-3', days: 3 } },
        },
        seen: 'job clean-disk on node-3 ended with exit code 0 after 20s',
        execution: { exitCode: 0, node: 'node-3', tookMs: 20_000, log: { text: 'freed' } },
      },
    ],
  });
  expect(told).toEqual(['started', 'removed']);
  const record = (await audited('run')).find(({ event }) => event === 'converged');
  expect(record?.detail).toMatch(
    /exit code 0 after 20s; image alpine:3.22; log sha256:[0-9a-f]{64}$/,
  );
});

test('a job that fails ends the run, and a person is told', async () => {
  const { take, pass, runs, escalations, told } = start({ exits: 1 });
  await take([{ labels }]);
  await pass(60_000);
  expect(await runs()).toMatchObject([
    {
      outcome: { kind: 'failed', reason: 'job_failed' },
      attempts: [{ execution: { exitCode: 1 } }],
    },
  ]);
  expect(await escalations()).toHaveLength(1);
  expect(told).toEqual(['started', 'removed']);
});

test('a job that asks for it is run again later, without using up its repeats', async () => {
  const { take, pass, runs, told } = start({ exits: [75, 75, 0] });
  await take([{ labels }]);
  await pass(4 * 60_000);
  const [run] = await runs();
  expect(run?.attempts).toMatchObject([
    { later: true, execution: { exitCode: 75 } },
    { later: true, execution: { exitCode: 75 } },
    { execution: { exitCode: 0 } },
  ]);
  expect(told).toEqual(['started', 'removed', 'started', 'removed', 'started', 'removed']);
  const times = run?.attempts.map(({ plannedAtMs }) => plannedAtMs) ?? [];
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(50_000);
});

test('a job that always asks for later is given up', async () => {
  const { take, pass, runs } = start({ exits: 75 });
  await take([{ labels }]);
  await pass(30 * 60_000);
  const [run] = await runs();
  expect(run).toMatchObject({ outcome: { kind: 'failed', reason: 'job_failed' } });
  expect(run?.attempts).toHaveLength(11);
});

test('a job is ended at its time limit', async () => {
  const { take, pass, runs, told } = start({ takes: 3_600_000 });
  await take([{ labels }]);
  await pass(4 * 60_000);
  expect(await runs()).toMatchObject([{ state: 'converging' }]);
  await pass(2 * 60_000);
  expect(await runs()).toMatchObject([
    {
      outcome: { kind: 'failed', reason: 'timed_out' },
      attempts: [{ execution: { log: { text: 'freed' } } }],
    },
  ]);
  expect(told).toEqual(['started', 'ended', 'removed']);
});

test('a job that passed its limit while no engine ran is ended first thing', async () => {
  const { take, pass, runs, told, clock } = start({ takes: 3_600_000 });
  await take([{ labels }]);
  clock.advance(1_800_000);
  await pass(1_000);
  expect(await runs()).toMatchObject([{ outcome: { reason: 'timed_out' } }]);
  expect(told).toEqual(['started', 'ended', 'removed']);
});

test('a person who cancels the run ends its job', async () => {
  const { take, pass, runs, told, cancel } = start({ takes: 3_600_000 });
  await take([{ labels }]);
  await pass(10_000);
  const [run] = await runs();
  await cancel(run?.id ?? '');
  await pass(30_000);
  expect(await runs()).toMatchObject([
    {
      outcome: { kind: 'withdrawn', reason: 'cancelled' },
      attempts: [{ execution: { log: { text: 'freed' } } }],
    },
  ]);
  expect(told).toEqual(['started', 'ended', 'removed']);
});

test('a pause starts no job, and lets one that runs finish', async () => {
  const { take, pass, runs, told, pauses } = start({ takes: 60_000 });
  await take([{ labels }]);
  await pauses.set({ of: 'everything' }, { by: 'ada', why: 'release', forMs: null });
  await take([{ labels: { ...labels, instance: 'node-4:9100' } }]);
  await pass(70_000);
  expect(await runs()).toMatchObject([{ attempts: [{ execution: { exitCode: 0 } }] }]);
  expect(told).toEqual(['started', 'removed']);
});

test('what became of a job on a node that was lost is not known, and a person is told', async () => {
  const { take, pass, runs, escalations, lose, told } = start();
  await take([{ labels }]);
  lose();
  await pass(60_000);
  expect(await runs()).toMatchObject([{ outcome: { kind: 'unknown', reason: 'unknown_outcome' } }]);
  expect(await escalations()).toHaveLength(1);
  expect(told).toEqual(['started', 'removed']);
});

test('a job whose image is missing fails', async () => {
  const { take, pass, runs } = start({ replies: 'no_image' });
  await take([{ labels }]);
  await pass(60_000);
  expect(await runs()).toMatchObject([
    { outcome: { reason: 'job_failed', detail: expect.stringMatching(/No such image/) } },
  ]);
});

test('no more runs use a job at once than it allows, whatever their targets', async () => {
  const { take, pass, runs, told, episode } = start({ takes: 60_000 });
  const other = { ...labels, instance: 'node-4:9100' };
  await take([{ labels }, { labels: other }]);
  expect(told).toEqual(['started']);
  expect(await runs()).toHaveLength(1);
  expect((await episode(other)).verdicts.at(-1)).toMatchObject({ reason: 'target_busy' });
  await pass(70_000);
  await take([{ labels, resolved: true }]);
  await pass(70_000);
  expect(told).toEqual(['started', 'removed', 'started', 'removed']);
});

test.each([
  ['a line break', 'node-3\n'],
  ['a node that there is not', 'node-9:9100'],
  ['an option', '--help'],
])('%s names no node, and nothing starts', async (_, instance) => {
  const { take, told, runs, escalations } = start();
  await take([{ labels: { ...labels, instance } }]);
  expect(told).toEqual([]);
  expect(await runs()).toEqual([]);
  expect(await escalations()).toHaveLength(1);
});

test('a run keeps to the job that it began with', async () => {
  const { take, pass, runs, reload } = start({ exits: [75, 0] });
  await take([{ labels }]);
  reload({ playbooks: [playbook], jobs: jobs.replace('/clean', '/other') });
  await pass(2 * 60_000);
  const [run] = await runs();
  expect(run?.steps[0]?.params).toMatchObject({ definition: { command: ['/clean'] } });
});

test('a job that a person chose holds its place among those that may run at once', async () => {
  const { take, pass, runs, escalations, ledger, clock, answer } = start();
  await take([{ labels: { alertname: 'Odd', instance: 'node-3:9100' } }]);
  await pass(1_000);
  const [asked] = await escalations();
  if (asked === undefined) throw new Error('no one was asked');
  const definition = jobOf('clean-disk', {
    image: 'alpine:3.22',
    command: ['/clean'],
    time_limit: '5m',
    inputs: { node: { type: 'node' } },
  });
  const locks = [{ id: 'swarm.job/clean-disk/0', name: 'clean-disk' }];
  const choice: Choice = {
    id: 'job-clean-disk',
    label: 'Run clean-disk on node-3',
    style: undefined,
    does: {
      kind: 'act',
      action: 'swarm.job',
      params: { job: 'clean-disk', with: { node: 'node-3' }, definition },
      target: { id: 'swarm.node/node-3', name: 'node-3' },
      locks,
    },
  };
  const { check, writes } = ledger.saveEscalation(
    asked,
    { ...asked.value, choices: [choice] },
    null,
  );
  await ledger.commit({ checks: [check], writes, nowMs: clock.now() });
  await answer(asked.value.id, 'job-clean-disk');
  await pass(30_000);
  expect(await runs()).toMatchObject([
    { steps: [{ action: 'swarm.job', locks }], attempts: [{ execution: { exitCode: 0 } }] },
  ]);
});
