import type { Escalation } from '../ledger/escalation.js';
import type { SuggestionDraft } from '../ledger/playbook-suggestion.js';
import { type Block, section, sectionRoom } from './blocks.js';
import { code, codeBlock, linesWithin, mrkdwn } from './text.js';

const longestPath = 160;
const longestLine = 1_500;
/** Tests are of less interest than what they test. */
const longestTests = 1_800;

/** What a lesson would make, or has made, of what a person did; nothing before there is a draft. */
export function lessonBlocks({ id, lesson, state }: Escalation, max: number): Block[] {
  const draft = lesson?.draft ?? null;
  if (lesson === undefined || draft === null) return [];
  if (lesson.written !== null) return section(afterwards(lesson.written, max));
  if (state !== 'open') return [];
  const blocks: Block[] = [];
  let room = max;
  const add = (render: (room: number) => Block[]) => {
    const next = render(room);
    const size = JSON.stringify(next).length;
    if (size > room) return;
    room -= size;
    blocks.push(...next);
  };
  add((rest) => section(remarks(draft, lesson.fault, sectionRoom(Math.min(rest, 2_000)))));
  add((rest) => file(id, draft.file, draft.text, rest));
  add((rest) => file(id, draft.testFile, draft.testText, Math.min(rest, longestTests)));
  return blocks;
}

/** What it would have done, and what is in its way. */
function remarks(
  { trial, warnings, notes }: SuggestionDraft,
  fault: string | null,
  max: number,
): string {
  const lines = [
    trial ?? 'Jidoka is running a backtest of it.',
    ...(fault === null ? [] : [`:warning: ${fault}`]),
    ...warnings.map((warning) => `:warning: ${warning}`),
    ...notes,
  ];
  return linesWithin(
    lines.map((line) => mrkdwn(line, longestLine)),
    max,
    (count) => `… and ${count} more lines`,
  );
}

/** A file; where there is not room for all of it, that is said before it, and where the rest is. */
function file(id: string, path: string, text: string, max: number): Block[] {
  const name = code(path, longestPath);
  const isCut = `${name} (the beginning; the console and \`/api/v1/escalations/${id}/playbook\` show all of it):`;
  const room = sectionRoom(max) - isCut.length - 4;
  if (room < 100) return [];
  const shown = codeBlock(text, room);
  const isWhole = shown === codeBlock(text, Number.POSITIVE_INFINITY);
  return section(`${isWhole ? `${name}:` : isCut}\n${shown}`);
}

function afterwards(path: string, max: number): string {
  const next =
    'For the next such alert, Jidoka asks with one click. Set `mode: auto` once you trust it, and keep both files in git.';
  return `Written to ${code(path, Math.min(longestPath, max))} with its tests. ${next}`;
}
