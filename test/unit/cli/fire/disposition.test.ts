import { expect, test } from 'vitest';
import {
  describeFate,
  hasFate,
  type ShownAlert,
  waitFor,
} from '../../../../src/cli/fire/disposition.js';
import { describeLabels, describeLength, describeTime } from '../../../../src/cli/shown.js';

const nowMs = Date.parse('2026-01-31T08:00:00Z');

type Disposition = ShownAlert['verdicts'][number];

function alert(verdicts: readonly Partial<Disposition>[], misses: ShownAlert['misses'] = []) {
  const usual = { playbook: 'up', detail: '', atMs: nowMs };
  const all = verdicts.map((one) => ({ ...usual, ...one }));
  return { verdicts: all, misses } as unknown as ShownAlert;
}

test('a fate is told with its reason, its detail and its run', () => {
  const acted = alert([
    { fate: 'run', reason: 'matched', reasonText: 'it matches', detail: 'web 2 → 3', runId: 'r1' },
  ]);
  expect(describeFate(acted, nowMs)).toEqual([
    'remediating by up: it matches (matched)',
    '  web 2 → 3',
    '  run r1',
  ]);
});

test('a hold is told with the time at which it lifts', () => {
  const held = alert([
    { fate: 'held', reason: 'cooldown', reasonText: 'changed', untilMs: nowMs + 180_000 },
  ]);
  expect(describeFate(held, nowMs)[0]).toMatch(
    /^deferred by up: changed \(cooldown\), until \d\d:\d\d:\d\d \(in 3 min\)$/,
  );
});

test('an alert that nobody matches is told with what missed it', () => {
  const miss = {
    playbook: 'up',
    clause: 'scale="up"',
    expected: '"up"',
    actual: '""',
    reason: 'no_match' as const,
    missed: 1,
  };
  const unmatched = alert(
    [
      {
        playbook: null,
        fate: 'escalated',
        reason: 'no_match',
        reasonText: 'no playbook',
        escalationId: 'e1',
      },
    ],
    [miss, miss, miss, miss],
  );
  expect(describeFate(unmatched, nowMs)).toEqual([
    'escalated: no playbook (no_match)',
    '  escalation e1',
    ...Array(3).fill('  up does not match: scale="up": expected "up", got ""'),
  ]);
});

test('an alert has its fate when a playbook that is not in shadow has spoken', () => {
  const shadow = { fate: 'shadow', reason: 'matched', reasonText: '' } as const;
  expect(hasFate(alert([]))).toBe(false);
  expect(hasFate(alert([shadow]))).toBe(false);
  expect(hasFate(alert([shadow, { ...shadow, fate: 'ignored' }]))).toBe(true);
});

test('what is waited for in vain is said', async () => {
  const never = { look: async () => undefined, withinMs: 0, late: 'too late' };
  await expect(waitFor(never)).rejects.toThrow('too late');
});

test('labels, lengths and times are shown as a person reads them', () => {
  expect(describeLabels({ service: 'web', alertname: 'Slow' })).toBe('Slow{service="web"}');
  expect(describeLabels({ alertname: 'Slow' })).toBe('Slow');
  expect([0, 59_999, 60_000, 7_200_000, 172_800_000].map(describeLength)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '2 h',
    '2 d',
  ]);
  expect(describeTime(nowMs, nowMs)).toMatch(/any moment/);
  expect(describeTime(nowMs + 7_199_500, nowMs)).toMatch(/\(in 2 h\)$/);
  expect(describeTime(nowMs + 3 * 86_400_000, nowMs)).toMatch(/^\d{4}-\d\d-\d\d .* \(in 3 d\)$/);
});
