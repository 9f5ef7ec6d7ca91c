import { z } from 'zod';
import { type Reason, reasons } from '../ledger/reason.js';
import { lessonSchema } from './lesson-schema.js';

/*
 * What the API shows. The types of the views are drawn from these schemas, so that a
 * record and its description cannot part. Names that end in `Ms` are milliseconds: since the Unix
 * epoch with `At`, `until` or `since` in them, else a length of time.
 */

const text = z.string();
const timeMs = z.int().describe('Milliseconds since the Unix epoch.');
const labels = z.record(text, text);
const reason = z.enum(Object.keys(reasons) as [Reason, ...Reason[]]);
const reasonText = text.describe('The reason in words.');
const target = z.object({ id: text, name: text });
const params = z.record(text, z.unknown());
const miss = z
  .object({
    playbook: text,
    clause: text,
    expected: text,
    actual: text,
    reason: z.enum(['no_match', 'expression_failed']),
    missed: z.int().describe('How many of its clauses were not met.'),
  })
  .describe('The first clause of a playbook that the alert did not meet.');

const verdict = z
  .object({
    playbook: text.nullable().describe('null: the engine itself.'),
    fate: z.enum(['run', 'held', 'escalated', 'ignored', 'shadow']),
    reason,
    reasonText,
    detail: text,
    atMs: timeMs,
    runId: text.optional(),
    escalationId: text.optional(),
    untilMs: timeMs.optional(),
    sinceMs: timeMs.optional(),
    told: z.boolean().optional(),
    setHash: text.optional(),
    waitsFor: z.object({ target, runId: text }).optional(),
  })
  .describe('What a playbook makes of the alert, and why.');

/** One alert from firing until resolved: an episode. */
export const alertSchema = z.object({
  id: text,
  identity: text,
  state: z.enum(['open', 'closed']),
  source: text,
  labels,
  annotations: labels,
  generatorUrl: text,
  groupKey: text,
  externalUrl: text,
  members: z
    .record(text, timeMs)
    .describe('The fingerprints that fire, each with its latest start.'),
  openedAtMs: timeMs,
  lastSeenAtMs: timeMs,
  closedAtMs: timeMs.nullable(),
  endsAtMs: timeMs.nullable(),
  silent: z.literal(true).optional().describe('Closed because nothing was heard of it.'),
  ended: z
    .record(text, z.object({ endsAtMs: timeMs, receivedAtMs: timeMs }))
    .describe('The fingerprints that resolved of late: when, and when the news was received.'),
  deliveries: z.int(),
  verdicts: z.array(verdict).readonly(),
  misses: z.array(miss).readonly(),
  cases: z.array(text).readonly(),
  spent: z.array(text).readonly().describe('Playbooks that have had their run for this episode.'),
  mutingUnseen: z
    .literal(true)
    .optional()
    .describe('Found in an Alertmanager whose muting could not be seen, not delivered.'),
});

const quantity = z.union([z.number(), text]);
const change = z.object({
  kind: z.literal('change'),
  target,
  from: quantity,
  to: quantity,
  unit: text,
  does: text.optional().describe('What it does in words, where it changes no size: "restart web".'),
  version: text.nullable(),
});
const attempt = z.object({
  step: z.int(),
  change,
  undo: z.boolean(),
  part: z
    .object({ of: change, index: z.int() })
    .optional()
    .describe('Where the action takes several changes: the plan that this one is a part of.'),
  plannedAtMs: timeMs,
  changedBeforeMs: timeMs.nullable().optional(),
  appliedAtMs: timeMs.nullable(),
  convergedAtMs: timeMs.nullable(),
  refused: z.literal(true).optional(),
  vain: z
    .literal(true)
    .optional()
    .describe('It took effect, but what was to follow it never came.'),
  seen: text,
});
const step = z.object({
  action: text,
  params,
  target,
  settleMs: z.int(),
  repeat: z.int(),
  undo: z.boolean(),
});
const why = z.object({ reason, reasonText, detail: text });
const membership = {
  openEpisodes: z.int().describe('How many of its alerts still fire.'),
  joined: z.int().describe('How many alerts have ever been part of it.'),
};

/** One execution of one playbook, or of one action that a person chose. */
export const runSchema = z.object({
  id: text,
  caseId: text,
  origin: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('playbook'), playbook: text, hash: text }),
    z.object({ kind: z.literal('person'), by: text, escalationId: text }),
  ]),
  labels,
  steps: z.array(step).readonly(),
  cooldownMs: z.int(),
  limits: z.array(z.object({ count: z.int(), windowMs: z.int() })).readonly(),
  channel: text.optional(),
  group: text.optional().describe('What those have in common that share a message in Slack.'),
  shown: z
    .array(
      z.object({
        name: text,
        unit: text,
        does: text.optional(),
        owner: text.optional(),
        from: quantity,
        to: z.array(quantity).readonly(),
        followedBy: text.optional().describe('What follows each of these changes.'),
        detail: text,
      }),
    )
    .readonly()
    .nullable()
    .describe('What each step would do, as it was shown to the person who was asked.'),
  verifiable: z.boolean(),
  state: z.enum([
    'awaiting_approval',
    'admitting',
    'planning',
    'applying',
    'converging',
    'continuing',
    'settling',
    'ended',
  ]),
  step: z.int(),
  taken: z.int(),
  attempts: z.array(attempt).readonly(),
  undo: z.array(z.int()).readonly().nullable(),
  notes: z.array(z.object({ atMs: timeMs, text })).readonly(),
  waiting: why.extend({ sinceMs: timeMs.optional(), told: z.boolean().optional() }).nullable(),
  retries: z.int(),
  dueAtMs: timeMs.nullable(),
  deadlineMs: timeMs.nullable(),
  answerUntilMs: timeMs.nullable(),
  leaseUntilMs: timeMs.nullable(),
  escalationId: text.nullable(),
  createdAtMs: timeMs,
  endedAtMs: timeMs.nullable(),
  outcome: why.extend({ kind: z.enum(['done', 'failed', 'unknown', 'withdrawn']) }).nullable(),
  ...membership,
});

const choice = z.object({
  id: text,
  label: text,
  style: z.enum(['primary', 'danger']).optional(),
  confirm: text.optional().describe('What to have a person confirm before it is chosen.'),
  does: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('act'), action: text, params, target }),
    z.object({
      kind: z.enum([
        'approve',
        'deny',
        'acknowledge',
        'dismiss',
        'reset_blast_radius',
        'draft',
        'learn',
      ]),
    }),
    z.object({ kind: z.literal('silence'), ms: z.int() }),
    z.object({ kind: z.literal('reset_breaker'), playbook: text }),
  ]),
});

/** A question, a report or an offer to a person, as it stands after an answer. */
export const escalationSchema = z.object({
  id: text,
  caseId: text,
  subject: text.nullable(),
  kind: z.enum(['unmatched', 'approval', 'report', 'lesson']),
  reason,
  reasonText,
  title: text,
  detail: text,
  labels,
  annotations: labels,
  links: z.array(z.object({ text, url: text })).readonly(),
  misses: z.array(miss).readonly(),
  channel: text.optional(),
  group: text.optional().describe('What those have in common that share a message in Slack.'),
  thread: text.optional().describe('Where it is shown in Slack.'),
  playbook: text.optional(),
  choices: z
    .array(choice)
    .readonly()
    .nullable()
    .describe('null until the suggestions have been worked out.'),
  runId: text.nullable(),
  state: z.enum(['open', 'answered', 'withdrawn', 'expired']),
  answer: z
    .object({
      choiceId: text,
      label: text,
      by: text,
      comment: text.optional(),
      atMs: timeMs,
      runId: text.nullable(),
    })
    .nullable(),
  silence: z
    .object({
      state: z.enum(['wanted', 'active', 'failed']),
      by: text,
      untilMs: timeMs,
      labels: z.record(z.string(), text).nullable(),
      leaseUntilMs: timeMs,
      id: text.nullable(),
      fault: text.nullable(),
    })
    .optional()
    .describe('The silence that its answer asked Alertmanager for.'),
  createdAtMs: timeMs,
  expiresAtMs: timeMs.nullable(),
  endedAtMs: timeMs.nullable(),
  posted: z.object({ channel: text, ts: text }).nullable(),
  lesson: lessonSchema.optional(),
  remindedAtMs: timeMs.optional().describe('When people were reminded that nobody has answered.'),
  passedOn: z
    .array(z.object({ atMs: timeMs, channel: text.optional(), mention: z.array(text).readonly() }))
    .readonly()
    .optional()
    .describe('To whom it was passed on because nobody answered.'),
});

/** The same with the number of its alerts. */
export const countedEscalationSchema = escalationSchema.extend(membership);

/** A playbook of the active set. */
export const playbookSchema = z.object({
  name: text,
  summary: text,
  owner: text.optional(),
  mode: z.enum(['shadow', 'approve', 'auto']),
  file: text,
  hash: text.describe('SHA-256 of `text`.'),
  text: text.describe('Its YAML as it stands in the file.'),
});

/** One line of the audit trail. */
export const auditEntrySchema = z.object({
  entry: text,
  atMs: timeMs,
  subject: z.enum(['episode', 'run', 'escalation', 'guard', 'cell']),
  id: text,
  event: text,
  reason: reason.optional(),
  reasonText: reasonText.optional(),
  detail: text.optional(),
  playbook: text.optional(),
  by: text.optional(),
});

/** A notification as it was received: a line of the history. */
export const receivedSchema = z.object({
  received_at: z.iso.datetime(),
  source: text,
  via: z
    .enum(['webhook', 'reconciliation'])
    .describe("Whether it was posted, or found in Alertmanager's API."),
  muting_unseen: z
    .literal(true)
    .optional()
    .describe('Found where it could not be seen whether it is muted.'),
  notification: z.record(z.string(), z.unknown()).describe("A body of Alertmanager's webhook."),
});
