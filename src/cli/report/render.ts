import type { Report } from '../../engine/report.js';
import type { AlertEnd } from '../../ledger/alert-end.js';
import { describeLabels, printable } from '../shown.js';

/** How an alert ended, in words, in the order of the report. */
const words: Readonly<Record<AlertEnd, string>> = {
  by_machine: 'resolved by the machine alone',
  by_click: 'resolved by what a person chose or approved',
  by_people: 'reached people, and were seen to without a click',
  by_itself: 'ended by themselves, before anybody was told',
  ignored: 'ignored, as a playbook says',
};

/** A report as a person reads it. */
export function renderReport(report: Report): string {
  const { days, ends, share, minutesPerAlert, minutesSaved, reached, reachedOthers } = report;
  const all = Object.values(ends).reduce((sum, count) => sum + count, 0);
  const period = days === 1 ? 'Today (UTC)' : `The last ${days} days (UTC), today included`;
  if (all === 0) return `${period}: no alert has come to its end.`;
  const width = String(all).length;
  const row = (count: number, text: string) => `  ${String(count).padStart(width)}  ${text}`;
  return [
    `${period}: ${all} alert${all === 1 ? '' : 's'} came to an end.`,
    '',
    ...Object.entries(words).map(([end, text]) => row(ends[end as AlertEnd], text)),
    '',
    ...shareLines(share, ends.by_machine, minutesPerAlert, minutesSaved),
    ...(reached.length === 0 ? [] : ['', 'What reached people most often:']),
    ...reached.map(({ labels, count }) => row(count, printable(describeLabels(labels)))),
    ...(reachedOthers === 0 ? [] : [row(reachedOthers, 'others, on days with too many kinds')]),
  ].join('\n');
}

function shareLines(
  share: number | null,
  byMachine: number,
  minutesPerAlert: number,
  minutesSaved: number,
): string[] {
  if (share === null) return ['None of them would have needed a person.'];
  return [
    `Of those that needed somebody, the machine resolved ${Math.floor(share * 100)} %.`,
    `That saved ${minutesSaved} minutes of people: ${byMachine} times ${minutesPerAlert} (report.minutes_per_alert in policy.yaml).`,
  ];
}
