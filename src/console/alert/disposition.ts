import type { Disposition, Episode } from '../../ledger/episode.js';
import { reasons } from '../../ledger/reason.js';
import type { PlaybookStatus } from '../run-words.js';

/** Each fate in a word. */
export const fates: Readonly<Record<Disposition['fate'], PlaybookStatus>> = {
  run: { tone: 'busy', word: 'has a run' },
  held: { tone: 'warn', word: 'held' },
  escalated: { tone: 'warn', word: 'with a person' },
  ignored: { tone: 'calm', word: 'needs nobody' },
  shadow: { tone: 'calm', word: 'shadow only' },
};

/** What a verdict makes of an alert, in a word. */
export function fateOf({ fate }: Disposition): PlaybookStatus {
  return fates[fate];
}

/** What became of an alert in all: in a word, and why. */
export function fateOfAlert({ verdicts }: Pick<Episode, 'verdicts'>): PlaybookStatus & {
  readonly why: string;
} {
  // what is in shadow counts only where no other playbook decided
  const disposition = verdicts.findLast(({ fate }) => fate !== 'shadow') ?? verdicts.at(-1);
  if (disposition === undefined) return { tone: 'calm', word: 'being decided', why: '' };
  const { playbook, reason } = disposition;
  const why = playbook === null ? reasons[reason] : `${playbook}: ${reasons[reason]}`;
  return { ...fateOf(disposition), why };
}
