import { expect, test } from 'vitest';
import { sizeSeries } from '../../../../src/console/run/size-series.js';
import { timelineOf } from '../../../../src/console/run/timeline.js';
import { type Attempt, createRun, type Run } from '../../../../src/ledger/run.js';

const target = { id: 'swarm.service/1', name: 'web' };
const op = { kind: 'resize', from: 2, to: 3, unit: 'replicas' } as const;
const change = { kind: 'change', target, op, version: '1' } as const;
const attempt: Attempt = {
  step: 0,
  change,
  undo: false,
  plannedAtMs: 1_000,
  appliedAtMs: 2_000,
  convergedAtMs: 7_000,
  seen: '3 of 3 run',
};

function runWith(more: Partial<Run>): Run {
  const run = createRun({
    id: 'r1',
    caseId: 'c1',
    origin: { kind: 'playbook', playbook: 'scale-up', hash: '' },
    labels: {},
    steps: [],
    cooldownMs: 0,
    limits: [],
    channel: undefined,
    verifiable: true,
    escalationId: null,
    state: 'planning',
    nowMs: 0,
  });
  return { ...run, ...more };
}

test('a timeline tells in order what was planned, applied and seen, noted on the way, and how it ended', () => {
  const run = runWith({
    attempts: [attempt],
    notes: [{ atMs: 8_000, text: 'it stands at its ceiling' }],
    endedAtMs: 9_000,
    outcome: { kind: 'failed', reason: 'exhausted', detail: '' },
  });
  expect(timelineOf(run).map(({ atMs, tone, text }) => [atMs, tone, text])).toEqual([
    [0, 'calm', 'Started by scale-up'],
    [1_000, 'busy', 'Planned: scale web from 2 to 3 replicas'],
    [2_000, 'busy', 'Applied: scale web from 2 to 3 replicas'],
    [7_000, 'good', 'Converged after 5s: scale web from 2 to 3 replicas (3 of 3 run)'],
    [8_000, 'warn', 'it stands at its ceiling'],
    [9_000, 'bad', 'Ended: Jidoka took every step, and the alert still fires'],
  ]);
});

test('sizes are what was found before a change and what was asked for once it was taken', () => {
  const lost: Attempt = { ...attempt, plannedAtMs: 10_000, appliedAtMs: null };
  const named: Attempt = {
    ...attempt,
    change: { ...change, op: { kind: 'drain', from: 'active', to: 'drain' } },
  };
  const [series, ...others] = sizeSeries(runWith({ attempts: [attempt, named, lost] }));
  expect(others).toEqual([]);
  expect(series?.points).toEqual([
    { atMs: 1_000, size: 2 },
    { atMs: 2_000, size: 3 },
    { atMs: 10_000, size: 2 },
  ]);
  expect(series?.changes.map(({ taken }) => taken)).toEqual([true, false]);
});
