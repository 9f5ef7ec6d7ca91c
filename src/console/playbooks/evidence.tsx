import type { PlaybookStatus } from '../../engine/reports/playbook-status.js';
import { type PlaybookStats, ranOf } from '../../ledger/playbook-stats-reads.js';
import { DayBars, type DayPart } from '../components/day-bars.js';
import { Empty, Section } from '../components/section.js';
import { At } from '../components/time.js';
import { sumOf, tookInWords } from './playbook-words.js';

/** What came of a playbook, in numbers and by day. */
export function EvidenceSection({ standing }: { readonly standing: PlaybookStatus }) {
  const { playbook, evidence } = standing;
  const { sinceMs, total, days } = evidence;
  if (sinceMs === null) {
    return (
      <Section id="evidence" title="What came of it">
        <Empty>Nothing yet: no run of it has ended since runs are counted.</Empty>
      </Section>
    );
  }
  const recent = sumOf(days);
  const rows = rowsOf(playbook.ignore).map(([name, count]) => [name, count(recent), count(total)]);
  return (
    <Section id="evidence" title="What came of it">
      <div class="columns">
        <table class="numbers">
          <caption class="unseen">How its runs ended</caption>
          <thead>
            <tr>
              <th scope="col" />
              <th scope="col">{days.length} days</th>
              <th scope="col">Ever</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, inDays, ever]) => (
              <tr>
                <th scope="row">{name}</th>
                <td>{inDays}</td>
                <td>{ever}</td>
              </tr>
            ))}
          </tbody>
        </table>
        <DayBars
          id="evidence-days"
          title={playbook.ignore ? 'Alerts by day' : 'Runs by day'}
          {...barsOf(playbook.ignore, days)}
        />
      </div>
      <p class="soft">
        Until it helped, from its first change: {tookInWords(total) ?? 'it has not helped yet'}.
        Counted since <At ms={sinceMs} />, each run as it ends.
      </p>
    </Section>
  );
}

type Count = (counts: PlaybookStats['total']) => number;

function rowsOf(ignores: boolean): readonly (readonly [name: string, count: Count])[] {
  if (ignores) return [['Alerts ignored', ({ ignored }) => ignored]];
  return [
    ['Would have acted (in shadow)', ({ shadowed }) => shadowed],
    ['Asked a person', ({ asked }) => asked],
    ['… who said yes', ({ approved }) => approved],
    ['… who said no', ({ denied }) => denied],
    ['… and nobody answered', ({ expired }) => expired],
    ['Ran', ranOf],
    ['… and it helped', ({ helped }) => helped],
    ['… and it did not help', ({ failed }) => failed],
    ['… and nobody knows', ({ unknown, unverified }) => unknown + unverified],
    ['Cancelled', ({ cancelled }) => cancelled],
    ['Put back what it did', ({ undone }) => undone],
    ['Found nothing to do', ({ nothing_done }) => nothing_done],
  ];
}

function barsOf(ignores: boolean, days: PlaybookStats['days']) {
  const parts: readonly (DayPart & { readonly count: Count })[] = ignores
    ? [{ name: 'ignored', look: 'calm', count: ({ ignored }) => ignored }]
    : [
        { name: 'helped', look: 'good', count: ({ helped }) => helped },
        { name: 'did not help', look: 'bad', count: ({ failed }) => failed },
        {
          name: 'nobody knows',
          look: 'warn',
          count: ({ unknown, unverified }) => unknown + unverified,
        },
        {
          name: 'denied or unanswered',
          look: 'busy',
          count: ({ denied, expired }) => denied + expired,
        },
        { name: 'in shadow', look: 'calm', count: ({ shadowed }) => shadowed },
      ];
  return {
    parts,
    days: days.map(({ day, counts }) => ({ day, counts: parts.map(({ count }) => count(counts)) })),
  };
}
