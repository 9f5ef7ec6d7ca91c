import { describe, expect, test } from 'vitest';
import { end } from '../../../src/engine/run/transitions.js';
import { createKeys } from '../../../src/ledger/keys.js';
import { countDispositions, countRun, endOfRun } from '../../../src/ledger/playbook-stats.js';
import type { Attempt, Outcome, Run } from '../../../src/ledger/run.js';
import type { Write } from '../../../src/ledger/transaction.js';
import { sampleChange, sampleRun } from './sample-run.js';

const keys = createKeys('cell');
const day = Date.UTC(2026, 0, 31, 12);

function attempt(fields: Partial<Attempt> = {}): Attempt {
  return {
    step: 0,
    change: sampleChange(2, 3),
    undo: false,
    plannedAtMs: day,
    appliedAtMs: day,
    convergedAtMs: null,
    seen: '',
    ...fields,
  };
}

/** What a run counts that ends like this, of the day that it ends on. */
function counted(before: Run, kind: Outcome['kind'], reason: Outcome['reason'], atMs = day) {
  const ended = end(before, { kind, reason, detail: '' }, atMs);
  return countsIn(countRun(keys, before, ended), keys.evidenceOn('scale-up', '2026-01-31'));
}

function countsIn(writes: readonly Write[], key: string): Record<string, unknown> {
  const found = writes.filter((write) => write[0] === 'HINCRBY' && write[1] === key);
  return Object.fromEntries(found.map((write) => [String(write[2]), write[3]]));
}

const acted = { ...sampleRun(), attempts: [attempt()] };

describe('what is counted of a run that ends', () => {
  test('it helped only if it had changed something', () => {
    expect(counted(acted, 'done', 'resolved')).toMatchObject({ helped: 1 });
    const planned = { ...sampleRun(), attempts: [attempt({ appliedAtMs: null })] };
    expect(counted(planned, 'done', 'resolved')).toEqual({ nothing_done: 1 });
    expect(counted(sampleRun(), 'withdrawn', 'resolved')).toEqual({ nothing_done: 1 });
  });

  test('how long it took counts from its first change', () => {
    const second = attempt({ appliedAtMs: day + 60_000 });
    const run = { ...sampleRun(), attempts: [attempt(), second] };
    expect(counted(run, 'done', 'resolved', day + 90_000)).toEqual({
      helped: 1,
      took_ms: 90_000,
      took_2m: 1,
    });
    expect(counted(run, 'done', 'resolved', day + 7_200_000)).toMatchObject({ took_longer: 1 });
  });

  test.each([
    ['failed', 'exhausted', 'failed'],
    ['failed', 'target_not_found', 'failed'],
    ['unknown', 'unknown_outcome', 'unknown'],
    ['done', 'unverified', 'unverified'],
    ['done', 'at_bound', 'unverified'],
    ['failed', 'expired', 'expired'],
    ['withdrawn', 'denied', 'denied'],
  ] as const)('%s, %s counts as %s', (kind, reason, as) => {
    expect(counted(acted, kind, reason)).toEqual({ [as]: 1 });
  });

  test('one that stood right already, or was put in shadow before it began, has done nothing', () => {
    expect(counted(sampleRun(), 'done', 'at_bound')).toEqual({ nothing_done: 1 });
    expect(counted(sampleRun(), 'failed', 'shadow')).toEqual({ nothing_done: 1 });
    expect(counted(acted, 'failed', 'shadow')).toEqual({ failed: 1 });
  });

  test('a person who was asked said yes if it went on', () => {
    const asked = { ...sampleRun({ state: 'awaiting_approval' }), escalationId: 'e' };
    expect(counted(asked, 'withdrawn', 'denied')).toEqual({ asked: 1, denied: 1 });
    expect(counted({ ...asked, state: 'settling' }, 'failed', 'exhausted')).toEqual({
      asked: 1,
      approved: 1,
      failed: 1,
    });
  });

  test('what was put back counts only where that happened', () => {
    const undone = attempt({ undo: true });
    const put = { ...sampleRun(), attempts: [attempt(), undone] };
    expect(counted(put, 'failed', 'exhausted')).toEqual({ failed: 1, undone: 1 });
    const tried = { ...put, attempts: [attempt(), { ...undone, appliedAtMs: null }] };
    expect(counted(tried, 'failed', 'exhausted')).toEqual({ failed: 1 });
  });

  test('the day is that of its end, and the sum goes along', () => {
    const ended = end(acted, { kind: 'failed', reason: 'exhausted', detail: '' }, day + 43_200_000);
    const writes = countRun(keys, acted, ended);
    expect(countsIn(writes, keys.evidenceOn('scale-up', '2026-02-01'))).toEqual({ failed: 1 });
    expect(countsIn(writes, keys.evidence('scale-up'))).toEqual({ failed: 1 });
  });

  test('it counts as it ends, and neither before nor after', () => {
    const ended = end(acted, { kind: 'done', reason: 'resolved', detail: '' }, day);
    expect(countRun(keys, acted, { ...acted, state: 'settling' })).toEqual([]);
    expect(countRun(keys, ended, ended)).toEqual([]);
  });

  test('what a person chose is no evidence of a playbook', () => {
    const origin = { kind: 'person', by: 'ada', escalationId: 'e' } as const;
    const run = { ...acted, origin };
    expect(countRun(keys, null, run)).toEqual([]);
    expect(
      countRun(keys, run, end(run, { kind: 'done', reason: 'resolved', detail: '' }, day)),
    ).toEqual([]);
  });

  test('a record without an outcome is not taken for one that helped', () => {
    expect(endOfRun({ outcome: null, attempts: [attempt()] })).toBe('unknown');
  });
});

test('an alert is counted once for a playbook that shows what it would do, and anew when it is another alert', () => {
  const disposition = {
    playbook: 'trial',
    fate: 'shadow',
    reason: 'matched',
    detail: '',
    atMs: day,
  };
  const episode = { id: 'a-1', verdicts: [disposition] } as never;
  const key = keys.evidenceOn('trial', '2026-01-31');
  expect(
    countsIn(countDispositions(keys, { id: 'a-1', verdicts: [] } as never, episode), key),
  ).toEqual({
    shadowed: 1,
  });
  expect(countDispositions(keys, episode, episode)).toEqual([]);
  const next = { id: 'a-2', verdicts: [disposition] } as never;
  expect(countsIn(countDispositions(keys, episode, next), key)).toEqual({ shadowed: 1 });
});
