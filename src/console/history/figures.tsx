import type { Report } from '../../engine/reports/report.js';
import { type AlertEnd, alertEnds } from '../../ledger/alert-end.js';
import { DayBars, type DayPart } from '../components/day-bars.js';
import { Empty, Section } from '../components/section.js';
import { Table } from '../components/table.js';

const ends: Readonly<Record<AlertEnd, DayPart>> = {
  by_machine: {
    name: 'auto-remediated',
    look: 'good',
    means: 'a playbook changed something, and no person was involved',
  },
  by_click: {
    name: 'by a click',
    look: 'busy',
    means: 'a person chose or approved the change',
  },
  by_people: {
    name: 'by people',
    look: 'bad',
    means: 'escalated, and handled without a click',
  },
  by_itself: {
    name: 'self-resolved',
    look: 'calm',
    means: 'no change, and not escalated',
  },
  ignored: { name: 'ignored', look: 'none', means: 'a playbook ignores them' },
};

/** The figure that management asks for: what share of the alerts the machine resolved, and what that saved. */
export function FiguresSection({ report }: { readonly report: Report }) {
  const { days, share, minutesSaved, minutesPerAlert, perDay } = report;
  const machine = report.ends.by_machine;
  const needed = machine + report.ends.by_click + report.ends.by_people;
  return (
    <Section id="figures" title={`Resolved alerts, ${days} days`}>
      <div class="figures">
        <p>
          <b class="figure">{share === null ? '–' : `${Math.floor(share * 100)} %`}</b>
          auto-remediated: {number(machine)} of {number(needed)} alerts that needed action
        </p>
        <p>
          <b class="figure">{inHours(minutesSaved)}</b>
          saved: {number(machine)} alerts × {minutesPerAlert} min (
          <code>report.minutes_per_alert</code> of the policy)
        </p>
      </div>
      <DayBars
        id="figures-days"
        title="Resolved alerts by day"
        parts={alertEnds.map((end) => ends[end])}
        days={perDay.map(({ day, ends: counts }) => ({
          day,
          counts: alertEnds.map((end) => counts[end]),
        }))}
      />
      <p class="soft">
        Jidoka counts each alert a minute after it resolved, on its day in UTC. Self-resolved and
        ignored alerts are not in the share.
      </p>
    </Section>
  );
}

const shownReached = 10;

/** The alerts that were escalated most often: the next playbooks to write. */
export function ReachedSection({ report }: { readonly report: Report }) {
  const { reached, reachedOthers, days } = report;
  return (
    <Section id="reached" title="Top escalated alerts">
      {reached.length === 0 ? (
        <Empty>No resolved alert was escalated in the last {days} days.</Empty>
      ) : (
        <Table
          caption="Escalated alerts, the most frequent first"
          columns={['Times', 'Alert', '']}
          rows={reached.slice(0, shownReached).map(({ labels, count }) => [
            count,
            <TroubleWords labels={labels} />,
            <a href={`/history?${searchFor(labels)}`}>
              history<span class="unseen"> of {labels.alertname}</span>
            </a>,
          ])}
        />
      )}
      {reachedOthers > 0 && (
        <p class="soft">
          {reachedOthers} more came on days with more kinds of escalated alerts than Jidoka keeps.
        </p>
      )}
      {reached.length > 0 && <p class="soft">Write the next playbooks for these.</p>}
    </Section>
  );
}

function TroubleWords({ labels }: { readonly labels: Readonly<Record<string, string>> }) {
  const { alertname, ...about } = labels;
  return (
    <>
      <b>{alertname || 'an alert without a name'}</b>{' '}
      {Object.entries(about).map(([name, value]) => (
        <span class="soft">
          {name} {value}
        </span>
      ))}
    </>
  );
}

function searchFor(labels: Readonly<Record<string, string>>): URLSearchParams {
  const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return new URLSearchParams({ q: words.join(' ') });
}

function inHours(minutes: number): string {
  if (minutes < 120) return `${minutes} min`;
  const hours = minutes / 60;
  return `${number(hours < 10 ? Math.floor(hours * 10) / 10 : Math.floor(hours))} h`;
}

/** A number as people read a large one: `12,345`. */
function number(value: number): string {
  return value.toLocaleString('en');
}
