import { z } from 'zod';
import { type Reason, reasons } from '../ledger/reason.js';

/* What several records of the API share. */

export const text = z.string();
export const timeMs = z.int().describe('Milliseconds since the Unix epoch.');
export const labels = z.record(text, text);
/** One of the closed list. */
export const reason = z.enum(Object.keys(reasons) as [Reason, ...Reason[]]);
export const reasonText = text.describe('The reason in words.');
export const target = z.object({ id: text, name: text });
const state = z.union([z.number(), text, z.record(text, z.unknown())]);
/** The state of a target. */
export const targetState = state.describe('A size, or a state as a word or by name.');
/** What is asked of a target. */
export const operation = z
  .looseObject({ kind: text, from: state, to: state })
  .describe('What is asked, as data: resize, restart and so on, each with data of its own.');
export const operationText = text.describe('What that does, as it follows "would": "restart web".');
export const params = z.record(text, z.unknown());
/** Why a playbook did not take an alert. */
export const miss = z
  .object({
    playbook: text,
    clause: text,
    expected: text,
    actual: text,
    reason: z.enum(['no_match', 'expression_failed']),
    missed: z.int().describe('How many of its clauses were not met.'),
  })
  .describe('The first clause of a playbook that the alert did not meet.');
/** A reason with what is to be said about it. */
export const why = z.object({ reason, reasonText, detail: text });
/** How many alerts are part of a record. */
export const membership = {
  openEpisodes: z.int().describe('How many of its alerts still fire.'),
  joined: z.int().describe('How many alerts have ever been part of it.'),
};
