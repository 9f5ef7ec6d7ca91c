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
      <Section id="evidence" title="Results">
        <Empty>No run has ended yet.</Empty>
      </Section>
    );
  }
  const recent = sumOf(days);
  const rows = rowsOf(playbook.ignore).map(([name, count]) => [name, count(recent), count(total)]);
  return (
    <Section id="evidence" title="Results">
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
        Time from the first change to resolved: {tookInWords(total) ?? 'none yet'}. Counted since{' '}
        <At ms={sinceMs} />.
      </p>
    </Section>
  );
}

type Count = (counts: PlaybookStats['total']) => number;

function rowsOf(ignores: boolean): readonly (readonly [name: string, count: Count])[] {
  if (ignores) return [['Alerts ignored', ({ ignored }) => ignored]];
  return [
    ['Would have run (shadow)', ({ shadowed }) => shadowed],
    ['Approval required', ({ asked }) => asked],
    ['… approved', ({ approved }) => approved],
    ['… denied', ({ denied }) => denied],
    ['… expired', ({ expired }) => expired],
    ['Ran', ranOf],
    ['… helped', ({ helped }) => helped],
    ['… did not help', ({ failed }) => failed],
    ['… unknown', ({ unknown, unverified }) => unknown + unverified],
    ['Cancelled', ({ cancelled }) => cancelled],
    ['Undone', ({ undone }) => undone],
    ['Nothing to do', ({ nothing_done }) => nothing_done],
  ];
}

function barsOf(ignores: boolean, days: PlaybookStats['days']) {
  const parts: readonly (DayPart & { readonly count: Count })[] = ignores
    ? [{ name: 'ignored', look: 'calm', count: ({ ignored }) => ignored }]
    : [
        { name: 'helped', look: 'good', count: ({ helped }) => helped },
        { name: 'did not help', look: 'bad', count: ({ failed }) => failed },
        {
          name: 'unknown',
          look: 'warn',
          count: ({ unknown, unverified }) => unknown + unverified,
        },
        {
          name: 'denied or expired',
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
