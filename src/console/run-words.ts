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
  done: { tone: 'good', word: 'done' },
  failed: { tone: 'bad', word: 'failed' },
  unknown: { tone: 'bad', word: 'outcome unknown' },
  withdrawn: { tone: 'calm', word: 'withdrawn' },
};

const states: Readonly<Record<Exclude<Run['state'], 'ended'>, PlaybookStatus>> = {
  awaiting_approval: { tone: 'warn', word: 'waits for a person' },
  admitting: { tone: 'warn', word: 'waits for its guards' },
  planning: { tone: 'busy', word: 'looks at the target' },
  applying: { tone: 'busy', word: 'asks for the change' },
  converging: { tone: 'busy', word: 'waits for the target' },
  continuing: { tone: 'busy', word: 'goes on' },
  settling: { tone: 'busy', word: 'gives the alert time' },
};

/** How a run stands. */
export function standingOf({ state, outcome }: Pick<Run, 'state' | 'outcome'>): PlaybookStatus {
  if (state !== 'ended') return states[state];
  if (outcome?.reason === 'cancelled') return { tone: 'calm', word: 'cancelled' };
  return outcome === null ? { tone: 'calm', word: 'ended' } : outcomes[outcome.kind];
}

/** Who started a run, in a few words: `playbook scale-up`, `Ada's choice`. */
export function originOf({ origin }: Pick<Run, 'origin'>): string {
  return origin.kind === 'playbook' ? origin.playbook : `a choice of ${origin.by}`;
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
