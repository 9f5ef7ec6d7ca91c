import type { Escalation } from '../ledger/escalation.js';
import type { Evidence } from '../ledger/evidence.js';
import type { Run } from '../ledger/run.js';
import type { SeverityPolicy } from '../playbook/policy.js';
import {
  annotationBlocks,
  consoleLink,
  labelBlocks,
  linkBlocks,
  missBlocks,
  whyBlocks,
} from './alert.js';
import { type Block, context, header, section } from './blocks.js';
import { buttonBlocks } from './buttons.js';
import { evidenceBlocks } from './evidence.js';
import { outcomeBlocks, stateWord } from './outcome.js';
import { outputBlocks } from './output.js';
import { severityMark } from './severity-mark.js';
import { lessonBlocks } from './suggestion.js';
import { dateToken, mrkdwn, sizeOf } from './text.js';

/** An escalation with what its message tells besides. */
export interface MessageInput {
  readonly escalation: Escalation;
  /** How many alerts have ever been part of it. */
  readonly joined: number;
  /** How many of them still fire. */
  readonly openEpisodes: number;
  /** The run that it is about or that its answer started. */
  readonly run: Run | null;
  /** What was found about its alert; left out or `null`: nothing yet. */
  readonly evidence?: Evidence | null;
  /** What stands above it: who is called, where it was meant for. */
  readonly notes?: readonly Block[];
  /** Its buttons stand in a message of its thread. */
  readonly asksInThread?: boolean;
  /** Where the console is, as an origin; left out: there are no links to it. */
  readonly consoleUrl?: string | undefined;
  /** How severities are told apart; left out: the message shows none. */
  readonly severity?: SeverityPolicy | undefined;
}

/** What is sent to Slack. */
export interface MessageContent {
  /** What a notification shows. */
  readonly text: string;
  readonly blocks: readonly Block[];
}

const longestText = 400;
/** Slack refuses more than about 13,200 characters of blocks (`msg_blocks_too_long`). */
const longestMessage = 12_800;

/** The parts between title and buttons, in their order, and how much of the message each may take up. */
const parts: readonly {
  readonly max: number;
  readonly render: (input: MessageInput, max: number) => readonly Block[];
}[] = [
  { max: 2000, render: ({ escalation, run }, max) => outcomeBlocks(escalation, run, max) },
  { max: 2000, render: ({ run }, max) => outputBlocks(run, max) },
  {
    max: 2500,
    render: ({ escalation, evidence = null, consoleUrl }, max) =>
      evidenceBlocks(escalation, evidence, consoleUrl, max),
  },
  { max: 2500, render: ({ escalation }, max) => annotationBlocks(escalation, max) },
  { max: 2500, render: ({ escalation }, max) => whyBlocks(escalation, max) },
  { max: 7000, render: ({ escalation }, max) => lessonBlocks(escalation, max) },
  { max: 3000, render: ({ escalation }, max) => labelBlocks(escalation, max) },
  { max: 2500, render: ({ escalation }, max) => linkBlocks(escalation, max) },
  { max: 1500, render: ({ escalation }, max) => missBlocks(escalation, max) },
];

/**
 * The message of an escalation as it is: what a person needs who was just woken, in the order in
 * which it is needed. Pure. Whatever the alert says, the message keeps Slack's limits and mentions
 * no one; the buttons are there as long as the question is open.
 */
export function renderMessage(input: MessageInput): MessageContent {
  const { escalation, run, notes = [], asksInThread = false } = input;
  const title = `${stateWord(escalation, run)}: ${escalation.title}`;
  const alerts = alertCount(input);
  const top = [header(title), ...notes, ...context(circumstances(input, alerts))];
  const bottom =
    asksInThread && escalation.state === 'open'
      ? section('↓ *Answer it in the thread.*')
      : buttonBlocks(escalation, run);
  let room = longestMessage - sizeOf([...top, ...bottom]);
  const middle = parts.flatMap(({ max, render }) => {
    const blocks = render(input, Math.min(max, room));
    // A part that has no room at all still renders its heading.
    if (sizeOf(blocks) > room) return [];
    room -= sizeOf(blocks);
    return blocks;
  });
  return {
    text: mrkdwn(alerts === '' ? title : `${title} (${alerts})`, longestText),
    blocks: [...top, ...middle, ...bottom],
  };
}

/** How many alerts it is about, where that is not simply one that fires. */
function alertCount({ joined, openEpisodes }: MessageInput): string {
  if (joined === 0 || (joined === 1 && openEpisodes === 1)) return '';
  if (joined === 1) return 'the alert has resolved';
  if (openEpisodes === 0) return `${joined} alerts, all resolved`;
  return `${joined} alerts, ${openEpisodes} still ${openEpisodes === 1 ? 'fires' : 'fire'}`;
}

function circumstances({ escalation, consoleUrl, severity }: MessageInput, alerts: string): string {
  const { id, createdAtMs, expiresAtMs, state, passedOn = [] } = escalation;
  const { runId } = escalation;
  const until =
    state === 'open' && expiresAtMs !== null ? `answer by ${dateToken(expiresAtMs)}` : '';
  const times = passedOn.length === 1 ? 'once' : `${passedOn.length} times`;
  const passed = passedOn.length === 0 ? '' : `escalated ${times} without an answer`;
  const page = consoleLink(consoleUrl, `/escalations/${id}`, `escalation ${id}`);
  const run =
    runId === null || consoleUrl === undefined
      ? ''
      : consoleLink(consoleUrl, `/runs/${runId}`, `run ${runId}`);
  const mark = severity === undefined ? '' : severityMark(escalation.labels, severity);
  return [mark, alerts, `since ${dateToken(createdAtMs)}`, until, passed, page, run]
    .filter((word) => word !== '')
    .join(' · ');
}
