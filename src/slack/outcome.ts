import { describeAttempts } from '../escalation/describe.js';
import { describeChange } from '../integrations/operations.js';
import type { Escalation } from '../ledger/escalation.js';
import { reasons } from '../ledger/reason.js';
import type { OutcomeKind, Run } from '../ledger/run.js';
import { formatTime } from '../lib/time.js';
import { type Block, section, sectionRoom } from './blocks.js';
import { bold, code, dateToken, linesWithin, mrkdwn } from './text.js';

const longestLine = 600;

const outcomeWords: Readonly<Record<OutcomeKind, string>> = {
  done: 'Done',
  failed: 'Failed',
  unknown: 'Outcome unknown',
  withdrawn: 'Withdrawn',
};

/** The run that a person's answer started or let go on; `null` where the answer started none. */
export function answeredRun({ answer }: Escalation, run: Run | null): Run | null {
  return answer !== null && answer.runId !== null && answer.runId === run?.id ? run : null;
}

/**
 * Whether the yes to it is void: the target changed before it was acted on, and a person was asked
 * again for what would be done now.
 */
export function isVoid({ id, kind, state, runId }: Escalation, run: Run | null): boolean {
  if (kind !== 'approval' || state !== 'answered' || run === null) return false;
  return run.id === runId && run.escalationId !== null && run.escalationId !== id;
}

/** How an escalation stands, in a word or two for its title. */
export function stateWord(escalation: Escalation, run: Run | null): string {
  switch (escalation.state) {
    case 'open':
      if (escalation.kind === 'lesson') return 'Make this a playbook?';
      return escalation.kind === 'approval' ? 'Approval required' : 'Needs attention';
    case 'withdrawn':
      return 'Self-resolved';
    case 'expired':
      return 'Expired';
    case 'answered':
      if (isVoid(escalation, run)) return 'Void, asked again';
      return answerWord(escalation, answeredRun(escalation, run));
  }
}

function answerWord({ choices, answer }: Escalation, run: Run | null): string {
  switch (choices?.find(({ id }) => id === answer?.choiceId)?.does.kind) {
    case 'acknowledge':
      return 'Acknowledged';
    case 'dismiss':
      return 'Dismissed';
    case 'deny':
      return 'Denied';
    case 'learn':
      return 'Playbook created';
    case 'silence':
      return 'Silenced';
    case 'reset_blast_radius':
    case 'reset_breaker':
      return 'Reset';
    default:
      if (run === null) return 'Answered';
      if (run.cancelled !== undefined) return run.state === 'ended' ? 'Cancelled' : 'Cancelling';
      return run.outcome === null ? 'In progress' : outcomeWords[run.outcome.kind];
  }
}

/** Who decided, when, and what came of it; nothing while no one has. */
export function outcomeBlocks(escalation: Escalation, run: Run | null, max: number): Block[] {
  const { state, answer, endedAtMs, createdAtMs } = escalation;
  const when = dateToken(answer?.atMs ?? endedAtMs ?? createdAtMs);
  switch (state) {
    case 'open':
      return [];
    case 'withdrawn':
      return section(`The alerts resolved before an answer came, ${when}.`);
    case 'expired':
      return section(`No answer came in time; the question expired ${when}.`);
    case 'answered': {
      const chosen = `${bold(answer?.by ?? 'A person', 100)} chose ${bold(answer?.label ?? '', 100)}, ${when}.`;
      const why = answer?.comment === undefined ? [] : [`“${mrkdwn(answer.comment, longestLine)}”`];
      const followed = answeredRun(escalation, run);
      const lines = isVoid(escalation, run)
        ? [voidLine]
        : followed === null
          ? []
          : [...cancelLines(followed), ...progressLines(followed)];
      const rest = lines.map((line) => mrkdwn(line, longestLine));
      return section(
        linesWithin(
          [chosen, ...why, ...silenceLines(escalation), ...rest],
          sectionRoom(max),
          (count) => `… and ${count} more lines`,
        ),
      );
    }
  }
}

/** What became of the silence that the answer asked for. */
function silenceLines({ silence }: Escalation): readonly string[] {
  if (silence === undefined) return [];
  const { state, untilMs, labels, fault } = silence;
  const what = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${value}"`);
  const why = fault === null ? '' : `: ${mrkdwn(fault, longestLine)}`;
  switch (state) {
    case 'wanted':
      return [`Jidoka is asking Alertmanager for the silence${why}`];
    case 'active':
      return [`Silenced until ${dateToken(untilMs)}: ${code(what.join(', '), longestLine)}`];
    case 'failed':
      return [`*Not silenced*${why}`];
  }
}

const voidLine =
  'That answer is void: the target changed before Jidoka acted on it. Jidoka asks again with the current plan.';

function cancelLines({ state, cancelled }: Run): readonly string[] {
  if (cancelled === undefined || state === 'ended') return [];
  return [`${cancelled.by} cancelled the run. Jidoka sends no further change.`];
}

/** What has come of a run so far. */
function progressLines(run: Run): readonly string[] {
  const { attempts, waiting } = run;
  const current = attempts.at(-1);
  const change = current === undefined ? '' : describeChange(current.change);
  const before = { ...run, attempts: attempts.slice(0, -1) };
  const until = run.dueAtMs === null ? '' : ` Next try by ${formatTime(run.dueAtMs)}.`;
  const waits =
    waiting === null ? '' : ` Waiting: ${reasons[waiting.reason]}: ${waiting.detail}.${until}`;
  const seen = current?.seen ? ` (${current.seen})` : '';
  switch (run.state) {
    case 'awaiting_approval':
    case 'admitting':
      return [waits.trim() || 'The run is about to start.'];
    case 'planning':
      return [`Planning.${waits}`, ...describeAttempts(run)];
    case 'applying':
      return [`Applying: ${change}.${seen}${waits}`, ...describeAttempts(before)];
    case 'converging':
      return [`Converging: ${change}.${seen}${waits}`, ...describeAttempts(before)];
    case 'continuing':
      return [`Planning the next change.${waits}`, ...describeAttempts(run)];
    case 'settling':
      return [
        'Verifying: the target has converged. The alert has time to resolve.',
        ...describeAttempts(run),
      ];
    case 'ended':
      return [endLine(run), ...describeAttempts(run)];
  }
}

/** How a run ended, in a sentence. */
export function endLine({ outcome }: Run): string {
  if (outcome === null) return '';
  const { kind, reason, detail } = outcome;
  const advice = kind === 'unknown' ? ' Check the target before you change it.' : '';
  return `${outcomeWords[kind]}: ${reasons[reason]}${detail && `: ${detail}`}.${advice}`;
}
