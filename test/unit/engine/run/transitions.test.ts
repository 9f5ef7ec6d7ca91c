import { describe, expect, test } from 'vitest';
import {
  admitted,
  applied,
  beginUndo,
  converged,
  currentAttempt,
  end,
  intend,
  nextAttempt,
  nextStep,
  nextUndo,
  note,
  retryLater,
  stillConverging,
  waitUntil,
  withAttempt,
  withdrawIntention,
} from '../../../../src/engine/run/transitions.js';
import type { Run } from '../../../../src/ledger/run.js';
import { sampleChange, sampleRun, sampleStep } from '../../ledger/sample-run.js';

const change = sampleChange(2, 3);
const failed = { kind: 'failed', reason: 'exhausted', detail: '' } as const;
const two = [sampleStep({ undo: true, repeat: 2 }), sampleStep({ undo: true })];

/** A run that has intended, and taken, one forward change. */
function taken(run: Run, nowMs = 2_000): Run {
  return applied(intend(run, change, false, nowMs, 45_000), nowMs, 60_000);
}

describe('waiting', () => {
  test('for a guard keeps the state and says why and until when', () => {
    const held = waitUntil(sampleRun({ state: 'admitting' }), 'cooldown', 'changed', 9_000);
    expect(held).toMatchObject({
      state: 'admitting',
      waiting: { reason: 'cooldown', detail: 'changed' },
      dueAtMs: 9_000,
    });
  });

  test('ends when the guards let it pass', () => {
    const held = waitUntil(sampleRun({ state: 'admitting' }), 'cooldown', '', 9_000);
    expect(admitted(held, 9_000)).toMatchObject({
      state: 'planning',
      waiting: null,
      dueAtMs: 9_000,
    });
  });

  test('after temporary failures takes longer each time, and half a minute at most', () => {
    let run = sampleRun();
    const delays: number[] = [];
    for (let count = 0; count < 7; count += 1) {
      run = retryLater(run, 'target_unavailable', 'away', 1_000);
      delays.push((run.dueAtMs ?? 0) - 1_000);
    }
    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
    expect(run).toMatchObject({ state: 'planning', retries: 7 });
  });
});

describe('an intention', () => {
  const intended = intend(sampleRun(), change, false, 2_000, 45_000);

  test('is recorded with its lease before anything is sent, and uses up the step', () => {
    expect(intended).toMatchObject({
      state: 'applying',
      taken: 1,
      leaseUntilMs: 47_000,
      dueAtMs: 47_000,
      deadlineMs: null,
      attempts: [{ step: 0, change, undo: false, plannedAtMs: 2_000, appliedAtMs: null }],
    });
  });

  test('that came to nothing is as if it had not been, save for the retries', () => {
    const withdrawn = withdrawIntention(intended, 'target_unavailable', 'busy', 3_000);
    expect(withdrawn).toMatchObject({
      state: 'planning',
      taken: 0,
      attempts: [],
      leaseUntilMs: null,
      retries: 1,
      dueAtMs: 5_000,
    });
  });

  test('to undo does not use up the step, nor does its withdrawal give it back', () => {
    const run = { ...taken(sampleRun({ steps: two })), undo: [0] };
    const undoing = intend(run, sampleChange(3, 2), true, 3_000, 45_000);
    expect(undoing).toMatchObject({ taken: 1, attempts: [{ undo: false }, { undo: true }] });
    const withdrawn = withdrawIntention(undoing, 'target_unavailable', '', 4_000);
    expect(withdrawn).toMatchObject({ taken: 1, attempts: [{ undo: false }] });
  });

  test('keeps counting retries until the target takes the change', () => {
    const again = intend(
      withdrawIntention(intended, 'target_unavailable', '', 3_000),
      change,
      false,
      5_000,
      45_000,
    );
    expect(again.retries).toBe(1);
    expect(applied(again, 6_000, 60_000)).toMatchObject({ retries: 0, waiting: null });
  });
});

describe('a change that was taken', () => {
  test('has its time to take effect, and no lease any more', () => {
    expect(taken(sampleRun())).toMatchObject({
      state: 'converging',
      leaseUntilMs: null,
      dueAtMs: 2_000,
      deadlineMs: 62_000,
      attempts: [{ appliedAtMs: 2_000, convergedAtMs: null }],
    });
  });

  test('is looked at often at first and every ten seconds later', () => {
    const run = taken(sampleRun());
    const next = (nowMs: number) => (stillConverging(run, '', nowMs).dueAtMs ?? 0) - nowMs;
    expect([2_000, 6_000, 22_000, 48_000].map(next)).toEqual([500, 1_000, 5_000, 10_000]);
    expect(stillConverging(run, '1 of 3', 6_000).deadlineMs).toBe(62_000);
  });

  test('that took effect leaves the alert its time to resolve', () => {
    expect(converged(taken(sampleRun()), '3 of 3', 5_000)).toMatchObject({
      state: 'settling',
      dueAtMs: 125_000,
      deadlineMs: 125_000,
      attempts: [{ convergedAtMs: 5_000, seen: '3 of 3' }],
    });
  });
});

describe('what comes next', () => {
  test('is the same step while it may be repeated', () => {
    const run = taken(sampleRun({ steps: two }));
    expect(nextAttempt(run, 9_000)).toMatchObject({
      state: 'planning',
      step: 0,
      taken: 1,
      dueAtMs: 9_000,
      deadlineMs: null,
    });
  });

  test('is the next step, with a count of its own, once it may not', () => {
    const run = { ...taken(sampleRun({ steps: two })), taken: 2 };
    expect(nextAttempt(run, 9_000)).toMatchObject({ state: 'planning', step: 1, taken: 0 });
  });

  test('is the next step at once where the present one is of no use', () => {
    expect(nextStep(taken(sampleRun({ steps: two })), 9_000)).toMatchObject({ step: 1, taken: 0 });
  });

  test('is nothing after the last', () => {
    expect(nextAttempt(taken(sampleRun()), 9_000)).toBeNull();
    expect(nextStep(taken(sampleRun()), 9_000)).toBeNull();
  });
});

describe('undoing', () => {
  test('begins with the last step that asks for it and goes back', () => {
    let run = taken(sampleRun({ steps: two }));
    run = taken({ ...run, step: 1, taken: 0 });
    const first = beginUndo(run, failed, 9_000);
    expect(first).toMatchObject({ state: 'planning', undo: [1, 0], step: 1, outcome: failed });
    const second = first && nextUndo(first, 9_000);
    expect(second).toMatchObject({ state: 'planning', undo: [0], step: 0 });
    expect(second && nextUndo(second, 9_000)).toBeNull();
  });

  test('leaves out steps that do not ask for it, and steps that were never taken', () => {
    const steps = [sampleStep({ undo: false }), sampleStep({ undo: true })];
    expect(beginUndo(taken(sampleRun({ steps })), failed, 9_000)).toBeNull();
  });

  test('leaves out a step whose only change the target refused', () => {
    const refused = intend(sampleRun({ steps: two }), change, false, 2_000, 45_000);
    expect(beginUndo(refused, failed, 9_000)).toBeNull();
  });

  test('does not begin twice', () => {
    const undoing = beginUndo(taken(sampleRun({ steps: two })), failed, 9_000);
    expect(undoing && beginUndo(undoing, failed, 9_000)).toBeNull();
  });
});

describe('the end', () => {
  test('leaves nothing that is due', () => {
    const outcome = { kind: 'done', reason: 'resolved', detail: '' } as const;
    const waiting = retryLater(taken(sampleRun()), 'target_unavailable', 'away', 3_000);
    expect(end(waiting, outcome, 9_000)).toMatchObject({
      state: 'ended',
      outcome,
      endedAtMs: 9_000,
      dueAtMs: null,
      deadlineMs: null,
      leaseUntilMs: null,
      waiting: null,
    });
  });

  test('keeps the notes of the way there', () => {
    const noted = note(note(sampleRun(), 'first', 1), 'second', 2);
    expect(noted.notes.map(({ text }) => text)).toEqual(['first', 'second']);
  });
});

test('only the last attempt ever changes', () => {
  const run = taken(taken(sampleRun({ steps: two })));
  const seen = withAttempt(run, { seen: 'x' });
  expect(seen.attempts[0]).toBe(run.attempts[0]);
  expect(currentAttempt(seen).seen).toBe('x');
});

test('a run without attempts has no present one', () => {
  expect(() => currentAttempt(sampleRun())).toThrow('run run-1 has made no attempt yet');
});
