import { describeChange } from '../integrations/operations.js';
import type { Run } from '../ledger/run.js';
import { type Block, section, sectionRoom } from './blocks.js';
import { codeBlock, mrkdwn, sizeOf } from './text.js';

/** How much of an output is shown, in characters: its end, which says how it went. */
const longestOutput = 800;
const longestChange = 200;

/** The end of what the last job of a run printed, once the run has ended; nothing where none is kept. */
export function outputBlocks(run: Run | null, max: number): Block[] {
  if (run?.state !== 'ended') return [];
  const last = run.attempts.findLast(({ execution }) => execution !== undefined);
  const text = last?.execution?.log?.text.trim() ?? '';
  if (last === undefined || text === '') return [];
  const heading = `*Output* of ${mrkdwn(describeChange(last.change), longestChange)}:\n`;
  const room = sectionRoom(max) - sizeOf(heading);
  // less holds no line
  return room < 100 ? [] : section(`${heading}${codeBlock(endOf(text), room)}`);
}

function endOf(text: string): string {
  if (text.length <= longestOutput) return text;
  return `…\n${text.slice(-longestOutput).replace(/^[^\n]*\n/, '')}`;
}
