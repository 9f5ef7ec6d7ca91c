import { z } from 'zod';
import { lessonSchema } from './lesson-schema.js';
import {
  labels,
  membership,
  miss,
  params,
  reason,
  reasonText,
  target,
  text,
  timeMs,
} from './schema-fields.js';

const choice = z.object({
  id: text,
  label: text,
  style: z.enum(['primary', 'danger']).optional(),
  confirm: text.optional().describe('What the person must confirm before this choice counts.'),
  helped: z
    .object({ times: z.int(), of: z.int() })
    .optional()
    .describe('How often the same change helped earlier alerts like this one; absent: never.'),
  does: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('act'),
      action: text,
      params,
      target,
      locks: z.array(target).readonly().optional().describe('What else the run locks.'),
    }),
    z.object({ kind: z.literal('undo'), runId: text }),
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
  group: text.optional().describe('The key of escalations that share a message in Slack.'),
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
  remindedAtMs: timeMs.optional().describe('When Jidoka sent reminders.'),
  passedOn: z
    .array(z.object({ atMs: timeMs, channel: text.optional(), mention: z.array(text).readonly() }))
    .readonly()
    .optional()
    .describe('The tiers that Jidoka asked because no answer came.'),
});

/** The same with the number of its alerts. */
export const countedEscalationSchema = escalationSchema.extend(membership);
