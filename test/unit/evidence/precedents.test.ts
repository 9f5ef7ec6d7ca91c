import { expect, test } from 'vitest';
import { rankChoices } from '../../../src/evidence/precedents.js';
import type { Choice } from '../../../src/ledger/escalation.js';
import type { Outcome, Run } from '../../../src/ledger/run.js';
import { sampleRun } from '../slack/samples.js';

const ack: Choice = {
  ...{ id: 'ack', label: 'Acknowledge', style: undefined },
  does: { kind: 'acknowledge' },
};

function act(
  id: string,
  params: Readonly<Record<string, unknown>>,
  action = 'swarm.scale',
  targetId = 'swarm.service/s1',
): Choice {
  const target = { id: targetId, name: 'orders' };
  return { id, label: id, style: undefined, does: { kind: 'act', action, params, target } };
}

const up = act('up', { service: 'orders', by: 1, max: 3 });
const down = act('down', { service: 'orders', by: -1, min: 1 });
const restart = act('restart', { service: 'orders' }, 'swarm.restart');

const resolved: Outcome = { kind: 'done', reason: 'resolved', detail: '' };
const notConverged: Outcome = { kind: 'failed', reason: 'not_converged', detail: '' };

/** A run that ended as told, with one change of what the choice does. */
function ended({ does }: Choice, outcome: Outcome, differences: Partial<Run> = {}): Run {
  if (does.kind !== 'act') throw new Error('the choice changes nothing');
  const { action, params, target } = does;
  const operation = { kind: 'resize', from: 1, to: 2 };
  const change = { action, target, ...operation } as unknown as Run['attempts'][number]['change'];
  return sampleRun({
    steps: [{ action, params, target, settleMs: 0, repeat: 1, undo: false }],
    attempts: [
      {
        ...{ step: 0, change, undo: false, plannedAtMs: 1, appliedAtMs: 2 },
        ...{ convergedAtMs: 3, seen: '' },
      },
    ],
    state: 'ended',
    outcome,
    endedAtMs: 4,
    ...differences,
  });
}

const ranked = (choices: readonly Choice[], runs: readonly Run[]) =>
  rankChoices(choices, runs).map(({ id, helped }) =>
    helped === undefined ? id : `${id} ${helped.times}/${helped.of}`,
  );

test('without earlier runs suggestions stay as they are', () => {
  expect(rankChoices([up, restart, ack], [])).toEqual([up, restart, ack]);
});

test('what helped before comes first and says how often', () => {
  const runs = [ended(restart, resolved), ended(restart, resolved), ended(restart, resolved)];
  expect(ranked([up, restart, ack], runs)).toEqual(['restart 3/3', 'up', 'ack']);
});

test('what helped more often of its times comes before, and what helped as often but more times', () => {
  const mixed = [ended(up, resolved), ended(up, notConverged)];
  expect(ranked([up, restart, ack], [...mixed, ended(restart, resolved)])).toEqual([
    'restart 1/1',
    'up 1/2',
    'ack',
  ]);
  const twice = [ended(restart, resolved), ended(restart, resolved), ended(up, resolved)];
  expect(ranked([up, restart], twice)).toEqual(['restart 2/2', 'up 1/1']);
});

test('what never helped is not said to, and stays in its place', () => {
  expect(rankChoices([up, restart, ack], [ended(up, notConverged)])).toEqual([up, restart, ack]);
});

test('the size does not matter, but the direction, the action and the target do', () => {
  const larger = act('larger', { service: 'orders', by: 5 });
  expect(ranked([up], [ended(larger, resolved)])).toEqual(['up 1/1']);
  expect(ranked([down], [ended(larger, resolved)])).toEqual(['down']);
  expect(ranked([restart], [ended(larger, resolved)])).toEqual(['restart']);
  const elsewhere = act('elsewhere', { by: 1 }, 'swarm.scale', 'swarm.service/s2');
  expect(ranked([up], [ended(elsewhere, resolved)])).toEqual(['up']);
});

test('a run counts only once it has ended, changed something and its end is known', () => {
  const unknown: Outcome = { kind: 'unknown', reason: 'internal_error', detail: '' };
  const denied: Outcome = { kind: 'withdrawn', reason: 'denied', detail: '' };
  const uncounted = [
    ended(up, resolved, { state: 'settling', endedAtMs: null }),
    ended(up, resolved, { attempts: [] }),
    ended(up, unknown),
    ended(up, denied),
  ];
  expect(ranked([up], uncounted)).toEqual(['up']);
  expect(ranked([up], [...uncounted, ended(up, resolved)])).toEqual(['up 1/1']);
});
