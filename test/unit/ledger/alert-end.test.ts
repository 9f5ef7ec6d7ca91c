import { describe, expect, test } from 'vitest';
import { type AlertCase, endOfAlert, troubleOf } from '../../../src/ledger/alert-end.js';
import type { Run } from '../../../src/ledger/run.js';
import { sampleChange, sampleRun } from './sample-run.js';

const closed = { closedAtMs: 10_000, verdicts: [] };
const question = {} as NonNullable<AlertCase['escalation']>;

/** A run whose change took effect then. */
function changed(appliedAtMs: number | null, undo = false): Run {
  const attempt = { step: 0, change: sampleChange(2, 3), undo, plannedAtMs: 1, appliedAtMs };
  return { ...sampleRun(), attempts: [{ ...attempt, convergedAtMs: null, seen: '' }] };
}

function caseOf(fields: Partial<AlertCase>): AlertCase {
  return { run: null, escalation: null, answered: null, ...fields };
}

describe('an alert that is over came to its end', () => {
  test('by a machine where a playbook changed something before, and nobody was told', () => {
    expect(endOfAlert(closed, [caseOf({ run: changed(9_000) })])).toBe('by_machine');
  });

  test('by itself where nothing was changed before it was over', () => {
    expect(endOfAlert(closed, [])).toBe('by_itself');
    expect(endOfAlert(closed, [caseOf({ run: changed(null) })])).toBe('by_itself');
    expect(endOfAlert(closed, [caseOf({ run: changed(11_000) })])).toBe('by_itself');
    expect(endOfAlert(closed, [caseOf({ run: changed(9_000, true) })])).toBe('by_itself');
  });

  test('by people as soon as one of them was told, whatever a machine did', () => {
    const told = caseOf({ run: changed(9_000), escalation: question });
    expect(endOfAlert(closed, [told])).toBe('by_people');
    const other = caseOf({ run: changed(9_000) });
    expect(endOfAlert(closed, [other, caseOf({ escalation: question })])).toBe('by_people');
  });

  test('by a click where what a person chose or approved came before', () => {
    const answered = caseOf({ escalation: question, answered: changed(9_000) });
    expect(endOfAlert(closed, [answered])).toBe('by_click');
    const late = caseOf({ escalation: question, answered: changed(11_000) });
    expect(endOfAlert(closed, [late])).toBe('by_people');
  });

  test('ignored where a playbook says so and nothing was done', () => {
    const verdicts = [{ playbook: 'noise', fate: 'ignored' }] as never;
    expect(endOfAlert({ ...closed, verdicts }, [])).toBe('ignored');
    expect(endOfAlert({ ...closed, verdicts }, [caseOf({ run: changed(9_000) })])).toBe(
      'by_machine',
    );
  });
});

test('alerts are the same trouble by their name and what they are about, and no label makes it long', () => {
  const labels = { alertname: 'Slow', service: 'web', asg: 'workers', instance: '10.0.0.7' };
  expect(troubleOf({ labels })).toEqual({ alertname: 'Slow', service: 'web' });
  expect(troubleOf({ labels: { alertname: 'Down', instance: 'a' } })).toEqual({
    alertname: 'Down',
  });
  const long = troubleOf({ labels: { alertname: 'x'.repeat(10_000) } });
  expect(long.alertname).toHaveLength(200);
});
