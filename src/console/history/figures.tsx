import type { Report } from '../../engine/reports/report.js';
import { type AlertEnd, alertEnds } from '../../ledger/alert-end.js';
import { DayBars, type DayPart } from '../components/day-bars.js';
import { Empty, Section } from '../components/section.js';
import { Table } from '../components/table.js';

const ends: Readonly<Record<AlertEnd, DayPart & { readonly means: string }>> = {
  by_machine: {
    name: 'by the machine',
    look: 'good',
    means: 'a playbook changed something before they ended, and nobody was told or asked',
  },
  by_click: {
    name: 'by a click',
    look: 'busy',
    means: 'a person chose or approved what was done',
  },
  by_people: {
    name: 'by people',
    look: 'bad',
    means: 'a person was told or asked, and saw to it without a click',
  },
  by_itself: {
    name: 'by themselves',
    look: 'calm',
    means: 'nothing was done, and nobody was told',
  },
  ignored: { name: 'ignored', look: 'none', means: 'a playbook says that they need nobody' },
};

/** The figure that management asks for: what share of the alerts the machine resolved, and what that saved. */
export function FiguresSection({ report }: { readonly report: Report }) {
  const { days, share, minutesSaved, minutesPerAlert, perDay } = report;
  const machine = report.ends.by_machine;
  const needed = machine + report.ends.by_click + report.ends.by_people;
  return (
    <Section id="figures" title={`How alerts ended in the last ${days} days`}>
      <div class="figures">
        <p>
          <b class="figure">{share === null ? '–' : `${Math.floor(share * 100)} %`}</b>
          resolved by the machine alone: {number(machine)} of {number(needed)} alerts that needed
          somebody
        </p>
        <p>
          <b class="figure">{inHours(minutesSaved)}</b>
          of people saved: {number(machine)} alerts × {minutesPerAlert} min, as{' '}
          <code>report.minutes_per_alert</code> in the policy estimates
        </p>
      </div>
      <DayBars
        id="figures-days"
        title="Alerts that ended, by day"
        parts={alertEnds.map((end) => ends[end])}
        days={perDay.map(({ day, ends: counts }) => ({
          day,
          counts: alertEnds.map((end) => counts[end]),
        }))}
      />
      <dl class="facts">
        {alertEnds.map((end) => (
          <>
            <dt>
              {number(report.ends[end])} {ends[end].name}
            </dt>
            <dd class="soft">{ends[end].means}</dd>
          </>
        ))}
      </dl>
      <p class="soft">
        Each alert counts once, a minute after it is over, on the day (UTC) on which it ended. Those
        that ended by themselves or are ignored are not in the share: they would have needed nobody.
        That a change was the cause of the end is not known.
      </p>
    </Section>
  );
}

const shownReached = 10;

/** What reached people most often: the next playbooks to write. */
export function ReachedSection({ report }: { readonly report: Report }) {
  const { reached, reachedOthers, days } = report;
  return (
    <Section id="reached" title="What reached people most often">
      {reached.length === 0 ? (
        <Empty>No alert that is over reached a person in the last {days} days.</Empty>
      ) : (
        <Table
          caption="Alerts that reached people, the most frequent first"
          columns={['Times', 'Alert', '']}
          rows={reached.slice(0, shownReached).map(({ labels, count }) => [
            count,
            <TroubleWords labels={labels} />,
            <a href={`/history?${searchFor(labels)}`}>
              the alerts<span class="unseen"> named {labels.alertname}</span>
            </a>,
          ])}
        />
      )}
      {reachedOthers > 0 && (
        <p class="soft">
          {reachedOthers} others came on days on which more kinds of alerts reached people than are
          kept.
        </p>
      )}
      <p class="soft">These are the next playbooks to write.</p>
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
