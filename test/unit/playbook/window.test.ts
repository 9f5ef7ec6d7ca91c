import { expect, test } from 'vitest';
import { parsePolicy } from '../../../src/playbook/policy.js';
import { formatProblem } from '../../../src/playbook/problem.js';

function intervalsOf(text: string) {
  const yaml = `windows: [{ name: night, time_intervals: [${text}] }]`;
  const { policy, problems } = parsePolicy('policy.yaml', yaml);
  return policy?.windows[0]?.intervals ?? problems.map(formatProblem);
}

test("a window takes Alertmanager's time intervals, every field of them", () => {
  const text = `{
    times: [{ start_time: "09:00", end_time: "17:30" }, { start_time: "22:00", end_time: "24:00" }],
    weekdays: ["monday:Friday", sunday],
    days_of_month: ["1:7", "-3:-1", "20:-1", 15],
    months: ["may:august", 12, "1:3"],
    years: [2026, "2028:2030"],
    location: Europe/Berlin }`;
  expect(intervalsOf(text)).toEqual([
    {
      times: [
        { from: 540, to: 1_050 },
        { from: 1_320, to: 1_440 },
      ],
      weekdays: [
        { from: 1, to: 5 },
        { from: 0, to: 0 },
      ],
      daysOfMonth: [
        { from: 1, to: 7 },
        { from: -3, to: -1 },
        { from: 20, to: -1 },
        { from: 15, to: 15 },
      ],
      months: [
        { from: 5, to: 8 },
        { from: 12, to: 12 },
        { from: 1, to: 3 },
      ],
      years: [
        { from: 2026, to: 2026 },
        { from: 2028, to: 2030 },
      ],
      location: 'Europe/Berlin',
    },
  ]);
});

test('a window is meant in UTC where it names no location', () => {
  expect(intervalsOf('{ months: [may] }')).toMatchObject([{ location: 'UTC' }]);
});

test.each([
  ['{ times: [{ start_time: "9:00", end_time: "17:00" }] }', 'start_time: expected a time of day'],
  ['{ times: [{ start_time: "09:00", end_time: "24:01" }] }', 'end_time: expected a time of day'],
  ['{ times: [{ start_time: "22:00", end_time: "06:00" }] }', 'write a night as two entries'],
  ['{ times: [] }', 'expected at least 1 entry'],
  ['{ weekdays: [funday] }', 'weekdays[0]: expected monday or monday:friday, got "funday"'],
  ['{ weekdays: ["friday:monday"] }', 'weekdays[0]: expected monday or monday:friday'],
  ['{ weekdays: ["monday:tuesday:friday"] }', 'weekdays[0]: expected monday or monday:friday'],
  ['{ days_of_month: [0] }', 'days_of_month[0]: expected 15, 1:7'],
  ['{ days_of_month: ["-1:5"] }', 'days_of_month[0]: expected 15, 1:7'],
  ['{ days_of_month: ["-1:-5"] }', 'days_of_month[0]: expected 15, 1:7'],
  ['{ days_of_month: [32] }', 'days_of_month[0]: expected 15, 1:7'],
  ['{ months: [13] }', 'months[0]: expected may, 5 or may:august'],
  ['{ years: ["2030:2026"] }', 'years[0]: expected 2026 or 2026:2028'],
  ['{ months: [may], location: Middle/Earth }', 'expected a time zone such as Europe/Berlin'],
  ['{ location: UTC }', 'this window would never end'],
  ['{}', 'this window would never end'],
  ['{ months: [may], hours: [1] }', 'unknown key "hours"'],
])('%s is refused with what was expected', (text, expected) => {
  expect(intervalsOf(text)).toEqual([expect.stringContaining(expected)]);
});
