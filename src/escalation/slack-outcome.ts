import type { Escalation } from '../ledger/escalation.js';
import { reasons } from '../ledger/reason.js';
import type { OutcomeKind, Run } from '../ledger/run.js';
import { formatTime } from '../time.js';
import { describeAttempts, describeChange } from './describe.js';
import { type Block, section, sectionRoom } from './slack-blocks.js';
import { bold, code, dateToken, linesWithin, mrkdwn } from './slack-text.js';

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
 * anew for what would be done now.
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
      return escalation.kind === 'approval' ? 'Approval wanted' : 'Needs a person';
    case 'withdrawn':
      return 'Resolved by itself';
    case 'expired':
      return 'Not answered in time';
    case 'answered':
      if (isVoid(escalation, run)) return 'Void, asked anew';
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
      return 'Now a playbook';
    case 'silence':
      return 'Silenced';
    case 'reset_blast_radius':
    case 'reset_breaker':
      return 'Reset';
    default:
      if (run === null) return 'Answered';
      return run.outcome === null ? 'In progress' : outcomeWords[run.outcome.kind];
  }
}

/** Who decided, when, and what came of it; nothing while nobody has. */
export function outcomeBlocks(escalation: Escalation, run: Run | null, max: number): Block[] {
  const { state, answer, endedAtMs, createdAtMs } = escalation;
  const when = dateToken(answer?.atMs ?? endedAtMs ?? createdAtMs);
  switch (state) {
    case 'open':
      return [];
    case 'withdrawn':
      return section(`The alerts resolved before anybody answered, ${when}.`);
    case 'expired':
      return section(`Nobody answered in time; the question closed ${when}.`);
    case 'answered': {
      const chosen = `${bold(answer?.by ?? 'Somebody', 100)} chose ${bold(answer?.label ?? '', 100)}, ${when}.`;
      const why = answer?.comment === undefined ? [] : [`“${mrkdwn(answer.comment, longestLine)}”`];
      const followed = answeredRun(escalation, run);
      const lines = isVoid(escalation, run)
        ? [voidLine]
        : followed === null
          ? []
          : progressLines(followed);
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
      return [`Alertmanager is being asked for the silence${why}`];
    case 'active':
      return [`Silenced until ${dateToken(untilMs)}: ${code(what.join(', '), longestLine)}`];
    case 'failed':
      return [`*It is not silenced*${why}`];
  }
}

const voidLine =
  'That answer is void: the target changed before it was acted on, and what would be done now is asked anew.';

/** What has come of a run so far. */
function progressLines(run: Run): readonly string[] {
  const { attempts, waiting } = run;
  const current = attempts.at(-1);
  const change = current === undefined ? '' : describeChange(current.change);
  const before = { ...run, attempts: attempts.slice(0, -1) };
  const until = run.dueAtMs === null ? '' : ` It is tried again by ${formatTime(run.dueAtMs)}.`;
  const waits =
    waiting === null ? '' : ` Waiting: ${reasons[waiting.reason]}: ${waiting.detail}.${until}`;
  const seen = current?.seen ? ` (${current.seen})` : '';
  switch (run.state) {
    case 'awaiting_approval':
    case 'admitting':
      return [waits.trim() || 'It is about to begin.'];
    case 'planning':
      return [`The target is looked at.${waits}`, ...describeAttempts(run)];
    case 'applying':
      return [`Being asked for: ${change}.${seen}${waits}`, ...describeAttempts(before)];
    case 'converging':
      return [
        `Asked for, and coming into effect: ${change}.${seen}${waits}`,
        ...describeAttempts(before),
      ];
    case 'continuing':
      return [`What comes next is worked out.${waits}`, ...describeAttempts(run)];
    case 'settling':
      return ['It is in effect. The alert has its time to resolve.', ...describeAttempts(run)];
    case 'ended':
      return [endLine(run), ...describeAttempts(run)];
  }
}

/** How a run ended, in a sentence. */
export function endLine({ outcome }: Run): string {
  if (outcome === null) return '';
  const { kind, reason, detail } = outcome;
  const advice = kind === 'unknown' ? ' Look at the target before anything else is done.' : '';
  return `${outcomeWords[kind]}: ${reasons[reason]}${detail && `: ${detail}`}.${advice}`;
}
