import { expect, test } from 'vitest';
import { renderReport } from '../../../../src/cli/report/render.js';
import { report } from '../../../../src/cli/report.js';
import type { Report } from '../../../../src/engine/reports/report.js';

const sample: Report = {
  days: 30,
  ends: { by_machine: 120, by_click: 8, by_people: 32, by_itself: 5, ignored: 40 },
  share: 0.759,
  minutesPerAlert: 15,
  minutesSaved: 1_800,
  perDay: [],
  reached: [{ labels: { alertname: 'DiskFull\u202e', service: 'db' }, count: 30 }],
  reachedOthers: 2,
};

test('the report says what became of alerts, what that saved and how it is computed, and what reached people', () => {
  expect(renderReport(sample)).toBe(
    `
The last 30 days (UTC), today included: 205 alerts ended.

  120  auto-remediated
    8  resolved by a choice or approval of a person
   32  escalated, and resolved without a click
    5  self-resolved, before an escalation
   40  ignored by a playbook

Auto-remediated: 75 % of the alerts that needed an action.
Time saved: 1800 minutes, 120 times 15 (report.minutes_per_alert in policy.yaml).

Top escalated alerts:
   30  DiskFull\\u202e{service="db"}
    2  others, on days with too many kinds`.trimStart(),
  );
});

test('where nothing has ended, or nothing needed a person, no share is made up', () => {
  const none = { by_machine: 0, by_click: 0, by_people: 0, by_itself: 0, ignored: 0 };
  const empty = { ...sample, ends: none, share: null, reached: [], reachedOthers: 0 };
  expect(renderReport({ ...empty, days: 1 })).toBe('Today (UTC): no alert ended.');
  const quiet = { ...empty, ends: { ...none, ignored: 1 } };
  expect(renderReport(quiet)).toContain('1 alert ended.');
  expect(renderReport(quiet)).toContain('No alert needed an action.');
});

test.each(['0', '401', 'x'])('--days %s is a usage error', async (days) => {
  const wanted = { days, output: 'text' } as const;
  await expect(report(wanted, {})).rejects.toThrow(`--days: expected 1 to 400, got ${days}`);
});
