import { expect, test } from 'vitest';
import { renderReport } from '../../../../src/cli/report/render.js';
import { report } from '../../../../src/cli/report.js';
import type { Report } from '../../../../src/engine/report.js';

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
The last 30 days (UTC), today included: 205 alerts came to an end.

  120  resolved by the machine alone
    8  resolved by what a person chose or approved
   32  reached people, and were seen to without a click
    5  ended by themselves, before anybody was told
   40  ignored, as a playbook says

Of those that needed somebody, the machine resolved 75 %.
That saved 1800 minutes of people: 120 times 15 (report.minutes_per_alert in policy.yaml).

What reached people most often:
   30  DiskFull\ufffd{service="db"}
    2  others, on days with too many kinds`.trimStart(),
  );
});

test('where nothing has ended, or nothing needed a person, no share is made up', () => {
  const none = { by_machine: 0, by_click: 0, by_people: 0, by_itself: 0, ignored: 0 };
  const empty = { ...sample, ends: none, share: null, reached: [], reachedOthers: 0 };
  expect(renderReport({ ...empty, days: 1 })).toBe('Today (UTC): no alert has come to its end.');
  const quiet = { ...empty, ends: { ...none, ignored: 1 } };
  expect(renderReport(quiet)).toContain('1 alert came to an end.');
  expect(renderReport(quiet)).toContain('None of them would have needed a person.');
});

test.each([
  ['--days', '0'],
  ['--days', '401'],
  ['--days', 'x'],
  ['--format', 'xml'],
])('%s %s is a wrong call', async (...args) => {
  expect(await report(args, {})).toBe(2);
});
