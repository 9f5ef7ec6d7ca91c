import { z } from 'zod';
import { sources } from '../alertmanager/source.js';
import { type Reason, reasons } from '../ledger/reason.js';
import { operation, operationText, targetState } from './schema-fields.js';

/*
 * What `POST /api/v1/explain` takes and shows. Names that end in `_ms` are milliseconds since the Unix
 * epoch.
 */

const text = z.string();
const timeMs = z.int().describe('Milliseconds since the Unix epoch.');
const labels = z.record(text, text);
const why = {
  reason: z.enum(Object.keys(reasons) as [Reason, ...Reason[]]),
  reason_text: text.describe('The reason in words.'),
  detail: text,
};

/** The query of a question. */
export const explainQuerySchema = z.strictObject({
  playbook: text.min(1).optional().describe('Only this playbook.'),
  source: z
    .enum(sources)
    .optional()
    .describe('The source of the alerts. Default: the source in the ledger, else Alertmanager.'),
  all: z
    .enum(['true', 'false'])
    .default('false')
    .describe('Whether all playbooks are shown, however far from the alert; for one alert only.'),
});

const clause = z.object({
  clause: text.describe('As it was written: a matcher, `when: …` or `requires: …`.'),
  expected: text,
  actual: text,
  outcome: z
    .enum(['met', 'missed', 'failed', 'unknown'])
    .describe(
      'failed: the expression failed for this alert, which counts as not met; unknown: the target was not read, or its history does not say.',
    ),
});

const compared = z.object({
  playbook: text,
  file: text,
  mode: z.enum(['shadow', 'approve', 'auto']),
  continue: z.boolean(),
  ignore: z.boolean(),
  standing: z
    .enum(['takes', 'shadow', 'comes_late', 'misses'])
    .describe(
      'takes: it takes the alert; shadow: it would; comes_late: it matches, and `after` takes the alert before it; misses: a clause is not met.',
    ),
  after: text.nullable(),
  missed: z.int().describe('How many of its clauses are not met.'),
  shared: z.int().describe('How many clauses the alert meets by a label that it has.'),
  clauses: z.array(clause).readonly(),
});

const step = z.object({
  action: text,
  params: z.record(text, z.unknown()),
  target: text.nullable().describe('null: it was not read.'),
  unit: text,
  from: targetState.nullable(),
  operations: z
    .array(operation.extend({ text: operationText }))
    .readonly()
    .describe('One after another, as far as repeats and bounds let it go.'),
  detail: text.describe('Why it would do nothing, or no more.'),
});

const forecast = z.object({
  playbook: text.nullable().describe('null: no playbook takes it.'),
  shadow: z.boolean().describe('The playbook is in shadow mode.'),
  fate: z
    .enum(['run', 'ask', 'join', 'held', 'escalated', 'ignored', 'decided', 'unknown'])
    .describe(
      'run: starts a run; ask: requires approval; join: joins an active run; held: a guard defers; escalated: goes to people; decided: already decided for this alert; unknown: no engine was asked.',
    ),
  ...why,
  again_at_ms: timeMs.nullable().describe('When it is decided again.'),
  run_id: text.nullable().describe('The run that it joins, or has had.'),
  held_by: z
    .array(
      z.object({
        ...why,
        lifts_at_ms: timeMs.nullable().describe('null: when a person or a run lets go of it.'),
      }),
    )
    .readonly()
    .describe('All that is in the way; with ask, of the run once a person has said yes.'),
  steps: z.array(step).readonly().describe('What each step would do if no earlier step helps.'),
});

const episode = z.object({
  id: text,
  state: z.enum(['open', 'closed']),
  delivery: z
    .enum(['opened', 'repeated', 'reopened', 'overtaken', 'forgotten'])
    .describe('What a notification would do to it now.'),
  opened_at_ms: timeMs,
  last_seen_at_ms: timeMs,
  closed_at_ms: timeMs.nullable(),
  deliveries: z.int(),
  muted: z.boolean().describe('Alertmanager silences or inhibits it.'),
  verdicts: z
    .array(
      z.object({
        playbook: text.nullable(),
        fate: z.enum(['run', 'held', 'escalated', 'ignored', 'shadow']),
        ...why,
        at_ms: timeMs,
        until_ms: timeMs.nullable(),
        run_id: text.nullable(),
        escalation_id: text.nullable(),
      }),
    )
    .readonly(),
  runs: z
    .array(
      z.object({
        id: text,
        by: text.describe('The playbook, or the person who chose it.'),
        state: text,
        changes: z
          .array(
            z.object({
              target: text,
              op: operation,
              text: operationText,
              at_ms: timeMs,
            }),
          )
          .readonly(),
        waiting: z.object(why).nullable(),
        outcome: z.object({ kind: text, ...why }).nullable(),
      }),
    )
    .readonly(),
  escalations: z
    .array(
      z.object({
        id: text,
        kind: z.enum(['unmatched', 'approval', 'report', 'lesson']),
        ...why,
        state: z.enum(['open', 'answered', 'withdrawn', 'expired']),
        answer: z.object({ label: text, by: text, at_ms: timeMs }).nullable(),
      }),
    )
    .readonly(),
});

/** One alert, explained. */
export const explanationSchema = z.object({
  labels,
  annotations: labels,
  status: z
    .enum(['firing', 'resolved'])
    .describe('A resolved alert starts nothing; it is explained as if it fired.'),
  source: z.enum(sources).describe('Where it comes from: as given, else as the ledger has it.'),
  at_ms: timeMs,
  set_hash: text.describe('The hash of the set of playbooks.'),
  live: z
    .boolean()
    .describe('Whether the ledger and the targets were asked; else guards and plans are unknown.'),
  own: z
    .object({ fate: z.enum(['ignored', 'held']), ...why })
    .nullable()
    .describe('The decision that the engine makes before any playbook.'),
  forecasts: z.array(forecast).readonly(),
  playbooks: z
    .array(compared)
    .readonly()
    .describe('Those that match, in order, then the others, the nearest first.'),
  total: z.int().describe('How many playbooks there are.'),
  episode: episode
    .nullable()
    .describe('The state of the alert so far; null: it is not in the ledger.'),
});

/** All alerts that were asked about. */
export const explanationsSchema = z.object({ items: z.array(explanationSchema).readonly() });

/** An explanation as the API shows it. */
export type ShownExplanation = z.output<typeof explanationSchema>;
