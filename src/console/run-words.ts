import { reasons } from '../ledger/reason.js';
import type { OutcomeKind, Run } from '../ledger/run.js';
import { targetsOf } from '../ledger/run.js';
import type { Tone } from './components/badge.js';

/** How something stands: in a word or two, and how good or bad that is. */
export interface PlaybookStatus {
  readonly tone: Tone;
  readonly word: string;
}

const outcomes: Readonly<Record<OutcomeKind, PlaybookStatus>> = {
  done: { tone: 'good', word: 'Done' },
  failed: { tone: 'bad', word: 'Failed' },
  unknown: { tone: 'bad', word: 'Outcome unknown' },
  withdrawn: { tone: 'calm', word: 'Withdrawn' },
};

const states: Readonly<Record<Exclude<Run['state'], 'ended'>, PlaybookStatus>> = {
  awaiting_approval: { tone: 'warn', word: 'Approval required' },
  admitting: { tone: 'warn', word: 'Waiting for guards' },
  planning: { tone: 'busy', word: 'Planning' },
  applying: { tone: 'busy', word: 'Applying' },
  converging: { tone: 'busy', word: 'Converging' },
  continuing: { tone: 'busy', word: 'Continuing' },
  settling: { tone: 'busy', word: 'Verifying' },
};

/** How a run stands. */
export function standingOf({ state, outcome }: Pick<Run, 'state' | 'outcome'>): PlaybookStatus {
  if (state !== 'ended') return states[state];
  if (outcome?.reason === 'cancelled') return { tone: 'calm', word: 'Cancelled' };
  return outcome === null ? { tone: 'calm', word: 'Ended' } : outcomes[outcome.kind];
}

/** What started a run, in a few words: `scale-up`, `Action by ada`. */
export function originOf({ origin }: Pick<Run, 'origin'>): string {
  return origin.kind === 'playbook' ? origin.playbook : `Action by ${origin.by}`;
}

/** What a run changes, in a few words. */
export function aimOf(run: Pick<Run, 'steps'>): string {
  return targetsOf(run)
    .map(({ name }) => name)
    .join(', ');
}

/** Why it waits, or how it ended: the reason in words, and what else is known. */
export function whyOf({ waiting, outcome }: Pick<Run, 'waiting' | 'outcome'>): string | null {
  const why = outcome ?? waiting;
  if (why === null) return null;
  return why.detail === '' ? reasons[why.reason] : `${reasons[why.reason]}: ${why.detail}`;
}
