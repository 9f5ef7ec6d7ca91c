import type { Alert } from '../alert/alert.js';
import type { Clock } from '../clock.js';
import type { Explanation, Forecast } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import { type Block, section, sectionRoom } from '../escalation/slack-blocks.js';
import { bold, code, linesWithin, mrkdwn } from '../escalation/slack-text.js';
import type { Ledger } from '../ledger/ledger.js';
import { type Reason, reasons } from '../ledger/reason.js';
import type { Compared } from '../playbook/compare.js';

/** Explains the alert of an escalation as it is now; `null`: there is no such escalation. */
export type WhyOf = (escalationId: string) => Promise<Explanation | null>;

/** @param parts.explain throws where the acting half does not answer */
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
    return { text: 'This question is no longer known, so why it was asked cannot be told.' };
  }
  const { episode, own, forecasts, playbooks, total } = explanation;
  const left = total - playbooks.length;
  const more =
    left === 0 ? [] : [`… and ${left} further away (\`jidoka explain --all\` shows them)`];
  const parts = [
    part('*What was decided:*', verdictLines(episode?.verdicts ?? [])),
    part('*If it were decided now:*', [
      ...(own === null ? [] : [`• ${said(own)}`]),
      ...forecasts.flatMap(forecastLines),
    ]),
    part('*Its playbooks, clause by clause:*', [...playbooks.flatMap(playbookLines), ...more]),
  ];
  return { text: 'Why this was asked', blocks: parts.flat() };
}

function part(heading: string, lines: readonly string[]): readonly Block[] {
  if (lines.length === 0) return [];
  const left = (count: number) => `… and ${count} more lines`;
  return section(linesWithin([heading, ...lines], sectionRoom(longestPart), left));
}

function verdictLines(verdicts: NonNullable<Explanation['episode']>['verdicts']): string[] {
  return verdicts.map((verdict) => {
    const { playbook, fate } = verdict;
    const who = playbook === null ? 'No playbook' : bold(playbook, longestName);
    return `• ${who}: ${fate}: ${said(verdict)}`;
  });
}

const fates: Readonly<Record<Forecast['fate'], string>> = {
  run: 'would begin a run',
  ask: 'would ask a person',
  join: 'would join the run that is under way',
  held: 'would be held',
  escalated: 'would hand it to a person',
  ignored: 'would ignore it',
  decided: 'is through with it',
  unknown: 'would take it; whether it would act is not known',
};

function forecastLines(forecast: Forecast): string[] {
  const { playbook, shadow, fate, steps, heldBy } = forecast;
  const name = playbook === null ? 'No playbook takes it' : bold(playbook, longestName);
  const what = playbook === null ? '' : ` ${shadow ? '(in shadow) ' : ''}${fates[fate]}`;
  return [
    `• ${name}${what}: ${said(forecast)}`,
    ...steps.map(({ action, target, unit, from, to, detail }) => {
      const way = target === null ? '' : ` ${target}: ${[from, ...to].join(' → ')} ${unit}`;
      return `      ${mrkdwn(`${action}${way}${detail && ` (${detail})`}`, longestLine)}`;
    }),
    ...heldBy.map((held) => `      ✗ ${said(held)}`),
  ];
}

function playbookLines({ playbook, mode, standing, after, clauses, missed }: Compared): string[] {
  const how: Record<Compared['standing'], string> = {
    takes: 'takes the alert',
    shadow: 'would take it, and is in shadow',
    comes_late: `matches, but ${after} takes it before`,
    misses: `misses ${missed} of ${clauses.length}`,
  };
  return [
    `${missed === 0 ? '✓' : '✗'} ${bold(playbook, longestName)} (${mode}) ${mrkdwn(how[standing], longestLine)}`,
    ...clauses.map(({ clause, expected, actual, outcome }) => {
      const found = actual === 'missing' ? 'there is no such label' : code(actual, longestClause);
      return outcome === 'met'
        ? `      ✓ ${code(clause, longestClause)}`
        : `      ✗ ${code(clause, longestClause)}: expected ${code(expected, longestClause)}, got ${found}`;
    }),
  ];
}

function said({ reason, detail }: { readonly reason: Reason; readonly detail: string }): string {
  return mrkdwn(`${reasons[reason]}${detail && ` (${detail})`}`, longestLine);
}
