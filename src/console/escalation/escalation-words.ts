import type { Escalation } from '../../ledger/escalation.js';
import type { PlaybookStatus } from '../run-words.js';

const states: Readonly<Record<Exclude<Escalation['state'], 'answered'>, PlaybookStatus>> = {
  open: { tone: 'warn', word: 'Needs attention' },
  withdrawn: { tone: 'calm', word: 'Withdrawn' },
  expired: { tone: 'bad', word: 'Expired' },
};

/** How a question or a report stands: who answered it, or that no one has. */
export function standingOfEscalation({ state, answer }: Escalation): PlaybookStatus {
  if (state !== 'answered') return states[state];
  const word = answer === null ? 'Answered' : `${answer.label}: ${answer.by}`;
  return { tone: 'good', word };
}
