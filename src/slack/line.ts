import type { Escalation } from '../ledger/escalation.js';
import type { Run } from '../ledger/run.js';
import { section } from './blocks.js';
import type { MessageContent } from './message.js';
import { answeredRun, endLine, isVoid } from './outcome.js';
import { bold, mrkdwn } from './text.js';

/** Something that happened to an escalation, told once in its thread. */
export interface Line {
  /** Opaque and short; unique within its escalation. */
  readonly event: string;
  readonly content: MessageContent;
}

const longestName = 100;
const longestTitle = 150;
const longestDetail = 500;

/**
 * What the thread tells of an escalation besides its message: to whom it was passed on, who answered
 * what, that the answer is void, how the run ended that followed. Pure; the oldest first.
 *
 * @param hasMessage whether it has a message of its own, which says by itself how it closed
 */
export function linesOf(
  escalation: Escalation,
  run: Run | null,
  hasMessage: boolean,
): readonly Line[] {
  const { state, answer, passedOn = [], title } = escalation;
  const about = bold(title, longestTitle);
  const lines = passedOn.map(({ channel, mention }, index) => {
    const whom = channel === undefined ? `${mention.length} people or groups` : mrkdwn(channel, 80);
    return line(`passed-${index}`, `No answer yet about ${about}: escalated to ${whom}.`);
  });
  if (!hasMessage && state === 'withdrawn') {
    lines.push(line('withdrawn', `${about}: the alerts resolved before an answer came.`));
  }
  if (!hasMessage && state === 'expired') {
    lines.push(line('expired', `${about}: no answer came in time.`));
  }
  if (answer !== null) {
    const who = bold(answer.by, longestName);
    const what = bold(answer.label, longestName);
    lines.push(line('answered', `${who} chose ${what} for ${about}.`));
  }
  const followed = answeredRun(escalation, run);
  if (isVoid(escalation, run)) {
    const why =
      'the target changed before Jidoka acted on it. Jidoka asks again with the current plan.';
    lines.push(line('void', `That answer is void: ${why}`));
  } else if (followed?.state === 'ended') {
    lines.push(line('ended', `${about}: ${mrkdwn(endLine(followed), longestDetail)}`));
  }
  return lines;
}

/** The line that reminds people of the questions of a thread. */
export function reminderLine(open: number, title: string): MessageContent {
  const rest = open > 1 ? ` and ${open - 1} more` : '';
  return plainContent(`Still no answer: ${bold(title, longestTitle)}${rest}.`);
}

function line(event: string, markup: string): Line {
  return { event, content: plainContent(markup) };
}

/** A message of one line of markup. */
export function plainContent(markup: string): MessageContent {
  return { text: markup, blocks: section(markup) };
}
