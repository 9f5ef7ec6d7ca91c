import type { Alert } from '../alertmanager/alert.js';
import type { Explanation, Forecast } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import { describeOperations } from '../escalation/describe.js';
import type { Ledger } from '../ledger/ledger.js';
import { type Reason, reasons } from '../ledger/reason.js';
import type { Clock } from '../lib/clock.js';
import type { Compared } from '../playbook/compare.js';
import { type Block, section, sectionRoom } from './blocks.js';
import { bold, code, linesWithin, mrkdwn } from './text.js';

/** Explains the alert of an escalation as it is now; `null`: there is no such escalation. */
export type WhyOf = (escalationId: string) => Promise<Explanation | null>;

/** @param parts.explain throws where the worker does not answer */
export function createWhyOf({
  ledger,
  explain,
  clock,
}: {
  readonly ledger: Pick<Ledger, 'escalation'>;
  readonly explain: (question: Question) => Promise<readonly Explanation[]>;
  readonly clock: Clock;
}): WhyOf {
  return async (escalationId) => {
    const stored = await ledger.escalation(escalationId);
    if (stored === null) return null;
    const { labels, annotations, createdAtMs } = stored.value;
    const alert: Alert = {
      status: 'firing',
      labels,
      annotations,
      startsAtMs: Math.min(createdAtMs, clock.now()),
      endsAtMs: null,
      generatorUrl: '',
      fingerprint: '',
    };
    const [explanation] = await explain({ alerts: [alert], all: false });
    return explanation ?? null;
  };
}

/** Each part of the answer fits a section of a message; all of them fit a message. */
const longestPart = 2_900;
const longestLine = 500;
const longestName = 80;
const longestClause = 160;

/** The explanation of an alert for one person in Slack: what was decided, what would be now, and each playbook clause by clause. */
export function whyMessage(explanation: Explanation | null): {
  readonly text: string;
  readonly blocks?: readonly Block[];
} {
  if (explanation === null) {
    return { text: 'Jidoka no longer has this question, so it cannot explain it.' };
  }
  const { episode, own, forecasts, playbooks, total } = explanation;
  const left = total - playbooks.length;
  const more = left === 0 ? [] : [`… and ${left} more (see \`jidoka explain --all\`)`];
  const parts = [
    part('*Decisions:*', verdictLines(episode?.verdicts ?? [])),
    part('*Simulated now:*', [
      ...(own === null ? [] : [`• ${said(own)}`]),
      ...forecasts.flatMap(forecastLines),
    ]),
    part('*Playbook matching:*', [...playbooks.flatMap(playbookLines), ...more]),
  ];
  return { text: 'Why Jidoka asked', blocks: parts.flat() };
}

function part(heading: string, lines: readonly string[]): readonly Block[] {
  if (lines.length === 0) return [];
  const left = (count: number) => `… and ${count} more lines`;
  return section(linesWithin([heading, ...lines], sectionRoom(longestPart), left));
}

function verdictLines(verdicts: NonNullable<Explanation['episode']>['verdicts']): string[] {
  return verdicts.map((disposition) => {
    const { playbook, fate } = disposition;
    const who = playbook === null ? 'No playbook' : bold(playbook, longestName);
    return `• ${who}: ${fate}: ${said(disposition)}`;
  });
}

const fates: Readonly<Record<Forecast['fate'], string>> = {
  run: 'would start a run',
  ask: 'would ask for approval',
  join: 'would join an active run',
  held: 'would be deferred',
  escalated: 'would escalate it',
  ignored: 'would ignore it',
  decided: 'has already decided',
  unknown: 'would match; guards were not asked',
};

function forecastLines(forecast: Forecast): string[] {
  const { playbook, shadow, fate, steps, heldBy } = forecast;
  const name = playbook === null ? 'No playbook matches' : bold(playbook, longestName);
  const what = playbook === null ? '' : ` ${shadow ? '(in shadow) ' : ''}${fates[fate]}`;
  return [
    `• ${name}${what}: ${said(forecast)}`,
    ...steps.map(({ action, target, operations, detail }) => {
      const words = target === null ? '' : describeOperations(operations, target);
      const way = words === '' ? '' : `: ${words}`;
      return `      ${mrkdwn(`${action}${way}${detail && ` (${detail})`}`, longestLine)}`;
    }),
    ...heldBy.map((held) => `      ✗ ${said(held)}`),
  ];
}

function playbookLines({ playbook, mode, standing, after, clauses, missed }: Compared): string[] {
  const how: Record<Compared['standing'], string> = {
    takes: 'matches',
    shadow: 'matches, in shadow',
    comes_late: `matches, but ${after} comes first`,
    misses: `misses ${missed} of ${clauses.length}`,
  };
  return [
    `${missed === 0 ? '✓' : '✗'} ${bold(playbook, longestName)} (${mode}) ${mrkdwn(how[standing], longestLine)}`,
    ...clauses.map(({ clause, expected, actual, outcome }) => {
      const found = actual === 'missing' ? 'no such label' : code(actual, longestClause);
      if (outcome === 'unknown') {
        return `      ? ${code(clause, longestClause)}: ${mrkdwn(actual, longestClause)}`;
      }
      return outcome === 'met'
        ? `      ✓ ${code(clause, longestClause)}`
        : `      ✗ ${code(clause, longestClause)}: expected ${code(expected, longestClause)}, got ${found}`;
    }),
  ];
}

function said({ reason, detail }: { readonly reason: Reason; readonly detail: string }): string {
  return mrkdwn(`${reasons[reason]}${detail && ` (${detail})`}`, longestLine);
}
