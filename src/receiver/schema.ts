import { z } from 'zod';
import { labels, miss, reason, reasonText, target, text, timeMs } from './schema-fields.js';

/*
 * What the API shows. The types of the views are drawn from these schemas, so that a
 * record and its description cannot part. Names that end in `Ms` are milliseconds: since the Unix
 * epoch with `At`, `until` or `since` in them, else a length of time.
 */

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
