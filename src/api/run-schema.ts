import { z } from 'zod';
import {
  labels,
  membership,
  operation,
  operationText,
  params,
  reason,
  target,
  targetState,
  text,
  timeMs,
  why,
} from './schema-fields.js';

const change = z.object({
  kind: z.literal('change'),
  target,
  op: operation,
  version: text.nullable(),
});
const attempt = z.object({
  step: z.int(),
  change,
  text: operationText,
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
  vain: z.literal(true).optional().describe('It took effect, but the next change never came.'),
  seen: text,
  ending: z
    .object({ reason, detail: text, atMs: timeMs })
    .optional()
    .describe('It is being ended: why, and since when.'),
  later: z.literal(true).optional().describe('What ran asked to be run again later.'),
  execution: z
    .object({
      exitCode: z.int().nullable(),
      node: text.nullable(),
      image: text.describe('With its digest where that is known.'),
      tookMs: z.int().nullable(),
      log: z
        .object({ text, sha256: text, bytes: z.int().describe('How many there were in all.') })
        .nullable()
        .describe('The part of the log that is kept.'),
    })
    .optional()
    .describe('What is known of what ran, where something did.'),
});
const step = z.object({
  action: text,
  params,
  fromExpression: z
    .array(text)
    .readonly()
    .optional()
    .describe('The parameters that an expression computed from the alert.'),
  target,
  locks: z.array(target).readonly().optional().describe('What else the run locks for this step.'),
  settleMs: z.int(),
  repeat: z.int(),
  undo: z.boolean(),
});

/** One execution of one playbook, or of one action that a person chose. */
export const runSchema = z.object({
  id: text,
  caseId: text,
  origin: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('playbook'), playbook: text, hash: text }),
    z.object({ kind: z.literal('person'), by: text, escalationId: text }),
  ]),
  labels,
  manual: z
    .object({ by: text, why: text })
    .optional()
    .describe('Who runs its playbook by hand, and why.'),
  steps: z.array(step).readonly(),
  cooldownMs: z.int(),
  limits: z.array(z.object({ count: z.int(), windowMs: z.int() })).readonly(),
  channel: text.optional(),
  group: text.optional().describe('The key of escalations that share a message in Slack.'),
  shown: z
    .array(
      z.object({
        name: text,
        unit: text,
        owner: text.optional(),
        from: targetState,
        operations: z.array(operation).readonly(),
        text: operationText,
        followedBy: text.optional().describe('What follows each of these changes.'),
        detail: text,
      }),
    )
    .readonly()
    .nullable()
    .describe('What each step would do, as shown to the approver.'),
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
  cancelled: z
    .object({ by: text, atMs: timeMs, comment: text.optional() })
    .optional()
    .describe('Who cancelled it, and when. From then on it sends no change.'),
  released: z
    .literal(true)
    .optional()
    .describe('Its targets are free for others, although it still waits for the alert.'),
  ...membership,
});
