import { expect, test } from 'vitest';
import { applied, intend } from '../../../src/engine/run/transitions.js';
import { countFailure, lessonOf, opensWith } from '../../../src/guard/breaker.js';
import { createKeys } from '../../../src/ledger/keys.js';
import type { Outcome, Run } from '../../../src/ledger/run.js';
import { sampleRun } from '../ledger/sample-run.js';

const change = {
  kind: 'change' as const,
  target: { id: 't', name: 'web' },
  op: { kind: 'resize', from: 1, to: 2, unit: 'replicas' },
  version: '1',
};
const untouched = sampleRun();
const run = applied(intend(untouched, change, false, 0, 45_000), 1, 60_000);
const chosen: Run = { ...run, origin: { kind: 'person', by: 'ada', escalationId: 'e' } };

test.each<[Outcome['kind'], Outcome['reason'], string]>([
  ['done', 'resolved', 'helped'],
  ['failed', 'exhausted', 'did_not_help'],
  ['failed', 'not_converged', 'did_not_help'],
  ['unknown', 'unknown_outcome', 'did_not_help'],
  ['failed', 'expired', 'nothing'],
  ['withdrawn', 'denied', 'nothing'],
  ['done', 'at_bound', 'nothing'],
  ['done', 'unverified', 'nothing'],
])('a run that ends %s (%s) teaches: %s', (kind, reason, lesson) => {
  expect(lessonOf(run, { kind, reason, detail: '' })).toBe(lesson);
  expect(lessonOf(chosen, { kind, reason, detail: '' })).toBe('nothing');
});

test.each(['done', 'withdrawn'] as const)(
  'alerts that resolved before anything was changed are no success of the playbook (%s)',
  (kind) => {
    expect(lessonOf(untouched, { kind, reason: 'resolved', detail: '' })).toBe('nothing');
  },
);

test('a breaker opens with the last failure that is allowed, and not again while it is open', () => {
  const opens = (failures: number, open = false) => opensWith({ failures, open }, 3);
  expect([opens(0), opens(1), opens(2), opens(3)]).toEqual([false, false, true, true]);
  expect(opens(2, true)).toBe(false);
});

test('a failure is counted only on what was read', () => {
  const keys = createKeys('cell');
  const first = countFailure(keys, 'p', { failures: 0, open: false });
  expect(first.checks).toEqual([
    { kind: 'no_field', key: keys.failures, field: 'p' },
    { kind: 'no_field', key: keys.breakers, field: 'p' },
  ]);
  expect(first.writes).toEqual([['HSET', keys.failures, 'p', 1]]);
  const third = countFailure(keys, 'p', { failures: 2, open: true });
  expect(third.checks).toEqual([{ kind: 'field', key: keys.failures, field: 'p', value: '2' }]);
});
