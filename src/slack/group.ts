import type { Escalation } from '../ledger/escalation.js';
import { reasons } from '../ledger/reason.js';
import type { SeverityPolicy } from '../playbook/policy.js';
import { addressOf, consoleLink } from './alert.js';
import { type Block, context, header, section, sectionRoom } from './blocks.js';
import { type MessageContent, type MessageInput, renderMessage } from './message.js';
import { stateWord } from './outcome.js';
import { bold, dateToken, linesWithin, mrkdwn } from './text.js';

/** The escalations of a group, as the one message in the channel shows them. */
export interface GroupInput {
  /** Since when there is something to say. */
  readonly createdAtMs: number;
  /** How many questions there have been in all, and how many of them are open. */
  readonly members: number;
  readonly open: number;
  /** How many alerts of the open ones fire. */
  readonly firing: number;
  /** The oldest that are open; of what no one waits for any more, the latest. */
  readonly named: readonly MessageInput[];
  /** What stands above it: who is called, where it was meant for. */
  readonly notes: readonly Block[];
  /** Where the thread is, if this message does not stand over it. */
  readonly link: string | null;
  /** Where the console is, as an origin; left out: there are no links to it. */
  readonly consoleUrl?: string | undefined;
  /** How severities are told apart; left out: the message shows none. */
  readonly severity?: SeverityPolicy | undefined;
}

const longestText = 400;
const longestTitle = 120;
const longestWanted = 200;
const longestList = 2_900;

/**
 * The message of a group: while one question is open, that question, complete with its buttons; while
 * several are, how many, and what the oldest of them want. Pure; it keeps Slack's limits and mentions
 * no one, whatever the alerts say.
 */
export function renderGroup(input: GroupInput): MessageContent {
  const { members, open, named, notes, link, consoleUrl, severity } = input;
  const [first] = named;
  if (first !== undefined && open <= 1) {
    const { escalation } = first;
    const counted = members === 1 ? [] : context(counts(input));
    const asksInThread = escalation.kind === 'approval' && escalation.group !== undefined;
    return renderMessage({
      ...first,
      consoleUrl,
      severity,
      notes: [...notes, ...counted],
      asksInThread: asksInThread && link === null,
    });
  }
  const title = `${open} need attention: ${first?.escalation.title ?? 'alerts'} and others`;
  const address = link === null ? undefined : addressOf(link);
  const where =
    address === undefined
      ? '↓ *Answer them in the thread.*'
      : `Answer them <${address.replaceAll('&', '&amp;')}|in their thread>.`;
  const blocks = [header(title), ...notes, ...context(counts(input)), ...list(input)];
  return { text: mrkdwn(title, longestText), blocks: [...blocks, ...section(where)] };
}

function counts({ createdAtMs, members, open, firing }: GroupInput): string {
  const alerts = `${firing} ${firing === 1 ? 'alert firing' : 'alerts firing'}`;
  const questions = `${open} of ${members} ${members === 1 ? 'question' : 'questions'} open`;
  return `${alerts} · ${questions} · since ${dateToken(createdAtMs)}`;
}

function list({ named, open, consoleUrl }: GroupInput): Block[] {
  const console = consoleLink(consoleUrl, '/', 'the console');
  const lines = named.map(({ escalation }) => line(escalation));
  const beyond = open - named.length;
  const rest = (count: number) => `… and ${count} more; see ${console} or /api/v1/escalations`;
  const room = sectionRoom(longestList);
  if (beyond <= 0) return section(linesWithin(lines, room, rest));
  // the last line stands for several
  const all = [...lines, rest(beyond)];
  return section(linesWithin(all, room, (count) => rest(count - 1 + beyond)));
}

function line(escalation: Escalation): string {
  const wanted = mrkdwn(wantedBy(escalation), longestWanted);
  return `• ${bold(escalation.title, longestTitle)} · ${stateWord(escalation, null)}${wanted && `: ${wanted}`}`;
}

/** The most telling line about it: what is wrong, or what is planned or was tried. */
function wantedBy({ kind, annotations, detail, reason }: Escalation): string {
  const said = kind === 'unmatched' ? (annotations.summary ?? reasons[reason]) : detail;
  return said.split('\n')[0] ?? '';
}
