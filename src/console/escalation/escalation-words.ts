import type { Escalation } from '../../ledger/escalation.js';
import type { PlaybookStatus } from '../run-words.js';

const states: Readonly<Record<Exclude<Escalation['state'], 'answered'>, PlaybookStatus>> = {
  open: { tone: 'warn', word: 'Needs attention' },
  withdrawn: { tone: 'calm', word: 'Withdrawn' },
  expired: { tone: 'bad', word: 'Expired' },
};

/** What the choices that change no target are called when they were made, by their ids. */
const made: Readonly<Record<string, string>> = {
  ack: 'Acknowledged',
  approve: 'Approved',
  cancel: 'Cancelled',
  deny: 'Denied',
  dismiss: 'Dismissed',
  silence: 'Silenced',
};

/** How a question or a report stands: who answered it, or that no one has. */
export function standingOfEscalation({
  state,
  answer,
}: Pick<Escalation, 'state' | 'answer'>): PlaybookStatus {
  if (state !== 'answered') return states[state];
  if (answer === null) return { tone: 'good', word: 'Answered' };
  const { choiceId, label, by } = answer;
  const did = made[choiceId];
  return { tone: 'good', word: did === undefined ? `${label}: ${by}` : `${did} by ${by}` };
}
