import type { Assumptions } from '../../integrations/contract/simulation.js';
import { formatDuration, formatTime } from '../../lib/time.js';
import { visible } from '../../lib/visible.js';
import { approveAfterMs, resetAfterMs } from '../../simulation/backtest/backtest.js';
import type { Comparison } from '../../simulation/backtest/compare.js';
import { fateWords, fates as shownFates } from '../../simulation/backtest/outcome.js';
import type { PlaybookTally, Tally } from '../../simulation/backtest/tally.js';
import { indented } from '../lines.js';
import { jsonText } from '../output.js';
import { describeLabels } from '../shown.js';
import { listed, numbered, numberOf, percent, table } from './layout.js';
import type { Replayed } from './replay.js';

/** A backtest with what it was asked for. */
export interface Result extends Replayed {
  readonly history: string;
  readonly playbooks: string;
  readonly against: string | undefined;
  readonly assumptions: Assumptions;
  readonly approve: boolean;
  readonly badLines: number;
  readonly lateLines: number;
}

const shownRows = 10;

/** What a backtest assumes, in sentences: it stands above every result. */
function assumptionsOf({
  assumptions,
  approve,
}: Pick<Result, 'assumptions' | 'approve'>): readonly string[] {
  const { size, bounds, convergeMs } = assumptions;
  const allows = bounds === null ? 'gives no bounds' : `allows ${bounds.min} to ${bounds.max}`;
  const when = convergeMs === 0 ? 'at once' : `after ${formatDuration(convergeMs)}`;
  return [
    'Alerts fire and resolve when they did; whether one would have resolved sooner is not known.',
    `Every target exists, has size ${size} at first, ${allows}, gets its new size ${when} and keeps it.`,
    approve
      ? `People approve what they are asked after ${formatDuration(approveAfterMs)}, and answer nothing else.`
      : 'No answers: questions expire.',
    `A blast radius or a breaker that trips is reset after ${formatDuration(resetAfterMs)}.`,
    'What is not in the record did not happen: pauses, silences, people, what came before it.',
  ];
}

/**
 * The whole result for people, ending in a new line.
 *
 * @param columns how wide the terminal is; `undefined`: it is none, and lines are as long as they are
 */
export function textReport(result: Result, columns?: number): string {
  const { tally, other, playbooks, against } = result;
  const sections = [
    heading(result),
    ['Assumed', ...assumptionsOf(result).map((one) => `  - ${one}`)],
  ];
  if (other === undefined) sections.push(...tallySections(tally));
  else {
    const changesDiffer = JSON.stringify(tally.targets) !== JSON.stringify(other.tally.targets);
    sections.push(
      comparisonSection(other.comparison, playbooks, against ?? '', changesDiffer),
      [`1: ${playbooks}`],
      ...tallySections(tally),
      [`2: ${against}`],
      ...tallySections(other.tally),
    );
  }
  const lines = sections.flatMap((section, index) => (index === 0 ? section : ['', ...section]));
  const fitted = lines.flatMap((line) => {
    const text = line.trimStart();
    return indented(text, line.length - text.length, columns);
  });
  return `${fitted.join('\n')}\n`;
}

function heading(result: Result): string[] {
  const { history, playbooks, against, fromMs, toMs, interrupted, badLines, lateLines } = result;
  const time =
    fromMs === null || toMs === null ? '' : `, ${formatTime(fromMs)} to ${formatTime(toMs)}`;
  const versus = against === undefined ? '' : ` against ${against}`;
  const received = numbered(result.notifications, 'notification');
  return [
    `Backtest of ${playbooks}${versus} on ${history}`,
    `  ${received}, ${numbered(result.tally.alerts, 'alert')}${time}`,
    ...(result.notifications === 0 ? ['  nothing was received in that time'] : []),
    ...(interrupted ? ['  INTERRUPTED: this is what came until then'] : []),
    ...(badLines > 0 ? [`  ${numbered(badLines, 'line')} left out that could not be read`] : []),
    ...(lateLines > 0
      ? [`  ${numbered(lateLines, 'line')} out of order, taken when they came in the record`]
      : []),
  ];
}

function tallySections(tally: Tally): string[][] {
  const { alerts, fates, playbooks, unmatched, targets, spread, trips, reached } = tally;
  const became = shownFates.filter((fate) => fates[fate] > 0);
  const most = `${numbered(spread.targets, 'target')} in ${formatDuration(spread.windowMs)}`;
  return [
    [
      `${numbered(alerts, 'alert')} from firing until resolved`,
      ...table(
        ['', '', ''],
        became.map((fate) => [fateWords[fate], fates[fate], percent(fates[fate], alerts)]),
      ).slice(1),
      ...(Object.keys(unmatched).length > 0 ? [`  by no playbook: ${listed(unmatched)}`] : []),
    ],
    [
      'Playbooks',
      ...table(
        ['PLAYBOOK', 'MODE', 'ALERTS', 'RUNS', 'ASKED', 'CHANGES', 'WHAT ELSE'],
        playbooks.map((one) => [
          one.name,
          one.mode,
          one.alerts,
          one.runs,
          one.asked,
          one.changes,
          furtherOf(one),
        ]),
      ),
    ],
    [
      'Blast radius',
      spread.targets === 0
        ? '  nothing was changed'
        : `  at most ${most}: ${formatTime(spread.fromMs)} to ${formatTime(spread.toMs)} (${spread.names.map((name) => visible(name)).join(', ')}${spread.targets > spread.names.length ? ', …' : ''})`,
      ...(Object.keys(trips).length > 0 ? [`  tripped: ${visible(listed(trips))}`] : []),
    ],
    [
      `Targets: ${numbered(tally.changes, 'change')} to ${numberOf(targets.length)}`,
      ...table(
        ['TARGET', 'CHANGES', 'LEAST', 'MOST', 'FIRST'],
        targets
          .slice(0, shownRows)
          .map(({ name, changes, least, most, first: [first] }) => [
            name,
            changes,
            least ?? '',
            most ?? '',
            first === undefined
              ? ''
              : `${first.change.replace('->', '→')}, ${formatTime(first.atMs)}`,
          ]),
      ),
      ...more(targets.length),
    ],
    [
      `People: ${numbered(tally.messages, 'message')}`,
      ...table(
        ['ALERT', 'MESSAGES', 'ABOUT'],
        reached
          .slice(0, shownRows)
          .map(({ alertname, messages, reasons }) => [
            alertname || '(the engine itself)',
            messages,
            listed(reasons),
          ]),
      ),
      ...more(reached.length),
    ],
  ];
}

function furtherOf({ ended, held, escalated, fates }: PlaybookTally): string {
  const said: [string, Readonly<Record<string, number>>][] = [
    ['ended', ended],
    ['held', held],
    ['to a person', escalated],
  ];
  const { ignored, shadow } = fates;
  return [
    ...(ignored === undefined ? [] : [`ignored ${numberOf(ignored)}`]),
    ...(shadow === undefined ? [] : [`would match ${numberOf(shadow)}`]),
    ...said
      .filter(([, counts]) => Object.keys(counts).length > 0)
      .map(([what, counts]) => `${what}: ${listed(counts)}`),
  ].join('; ');
}

function comparisonSection(
  { same, differences, onlyBefore, onlyAfter }: Comparison,
  playbooks: string,
  against: string,
  changesDiffer: boolean,
): string[] {
  const differing = differences.reduce((sum, { alerts }) => sum + alerts, 0);
  const lines = [
    `Difference: 1 is ${playbooks}, 2 is ${against}`,
    `  ${numbered(same, 'alert')} the same, ${numberOf(differing)} not`,
  ];
  if (differing === 0 && changesDiffer) {
    lines.push('  what differs is how much was changed, or when: see Targets of both');
  }
  if (onlyBefore + onlyAfter > 0) {
    lines.push(
      `  ${numberOf(onlyBefore)} in 1 only, ${numberOf(onlyAfter)} in 2 only: their policies tell alerts apart, or end them, in another way`,
    );
  }
  for (const { before, after, alerts, examples } of differences) {
    lines.push('', `  ${numbered(alerts, 'alert')}`, `    1  ${before}`, `    2  ${after}`);
    for (const { labels, openedAtMs } of examples) {
      lines.push(`       ${formatTime(openedAtMs)}  ${visible(describeLabels(labels))}`);
    }
    if (alerts > examples.length) lines.push(`       … ${numberOf(alerts - examples.length)} more`);
  }
  return lines;
}

function more(count: number): string[] {
  return count > shownRows ? [`  … ${numberOf(count - shownRows)} more (--format json)`] : [];
}

/** The whole result for programs, ending in a new line. */
export function jsonReport(result: Result): string {
  const { history, playbooks, against, tally, other, ...rest } = result;
  const { assumptions: _, approve: __, ...record } = rest;
  const whole = {
    history,
    playbooks,
    ...(against !== undefined && { against }),
    assumed: assumptionsOf(result),
    record,
    result: tally,
    ...(other && { other: other.tally, comparison: other.comparison }),
  };
  return jsonText(whole);
}
