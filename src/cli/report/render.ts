import type { Report } from '../../engine/reports/report.js';
import type { AlertEnd } from '../../ledger/alert-end.js';
import { visible } from '../../lib/visible.js';
import { describeLabels } from '../shown.js';

/** How an alert ended, in words, in the order of the report. */
const words: Readonly<Record<AlertEnd, string>> = {
  by_machine: 'auto-remediated',
  by_click: 'resolved by a choice or approval of a person',
  by_people: 'escalated, and resolved without a click',
  by_itself: 'self-resolved, before an escalation',
  ignored: 'ignored by a playbook',
};

/** A report as a person reads it. */
export function renderReport(report: Report): string {
  const { days, ends, share, minutesPerAlert, minutesSaved, reached, reachedOthers } = report;
  const all = Object.values(ends).reduce((sum, count) => sum + count, 0);
  const period = days === 1 ? 'Today (UTC)' : `The last ${days} days (UTC), today included`;
  if (all === 0) return `${period}: no alert ended.`;
  const width = String(all).length;
  const row = (count: number, text: string) => `  ${String(count).padStart(width)}  ${text}`;
  return [
    `${period}: ${all} alert${all === 1 ? '' : 's'} ended.`,
    '',
    ...Object.entries(words).map(([end, text]) => row(ends[end as AlertEnd], text)),
    '',
    ...shareLines(share, ends.by_machine, minutesPerAlert, minutesSaved),
    ...(reached.length === 0 ? [] : ['', 'Top escalated alerts:']),
    ...reached.map(({ labels, count }) => row(count, visible(describeLabels(labels)))),
    ...(reachedOthers === 0 ? [] : [row(reachedOthers, 'others, on days with too many kinds')]),
  ].join('\n');
}

function shareLines(
  share: number | null,
  byMachine: number,
  minutesPerAlert: number,
  minutesSaved: number,
): string[] {
  if (share === null) return ['No alert needed an action.'];
  return [
    `Auto-remediated: ${Math.floor(share * 100)} % of the alerts that needed an action.`,
    `Time saved: ${minutesSaved} minutes, ${byMachine} times ${minutesPerAlert} (report.minutes_per_alert in policy.yaml).`,
  ];
}
