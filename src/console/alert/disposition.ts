import type { Disposition, Episode } from '../../ledger/episode.js';
import { reasons } from '../../ledger/reason.js';
import type { PlaybookStatus } from '../run-words.js';

/** Each fate in a word. */
export const fates: Readonly<Record<Disposition['fate'], PlaybookStatus>> = {
  run: { tone: 'busy', word: 'Remediating' },
  held: { tone: 'warn', word: 'Deferred' },
  escalated: { tone: 'warn', word: 'Escalated' },
  ignored: { tone: 'calm', word: 'Ignored' },
  shadow: { tone: 'calm', word: 'Shadow' },
};

/** What a verdict makes of an alert, in a word. */
export function fateOf({ fate }: Disposition): PlaybookStatus {
  return fates[fate];
}

/** What became of an alert in all: in a word, and why. */
export function fateOfAlert({
  verdicts,
  state,
}: Pick<Episode, 'verdicts' | 'state'>): PlaybookStatus & { readonly why: string } {
  // what is in shadow counts only where no other playbook decided
  const disposition = verdicts.findLast(({ fate }) => fate !== 'shadow') ?? verdicts.at(-1);
  if (disposition === undefined) return { tone: 'calm', word: 'Deciding', why: '' };
  const { playbook, reason } = disposition;
  const why = playbook === null ? reasons[reason] : `${playbook}: ${reasons[reason]}`;
  const wasHandled = disposition.fate === 'run' || disposition.fate === 'escalated';
  if (state === 'closed' && wasHandled) return { tone: 'good', word: 'Resolved', why };
  return { ...fateOf(disposition), why };
}
