import { z } from 'zod';
import { labels, miss, reason, reasonText, target, text, timeMs } from './schema-fields.js';

/*
 * What the API shows. The types of the views are drawn from these schemas, so that a
 * record and its description cannot part. Names that end in `Ms` are milliseconds: since the Unix
 * epoch with `At`, `until` or `since` in them, else a length of time.
 */

const disposition = z
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
  .describe('The disposition of the alert for a playbook, and the reason.');

const manualRun = z.object({ key: text, playbook: text, by: text, why: text });

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
  routeLabels: labels
    .optional()
    .describe("Labels of Alertmanager's route of the latest notification, if known."),
  members: z
    .record(text, timeMs)
    .describe(
      'The fingerprints that fire, each with its latest start; 0: none was reported. `…` stands for those beyond 1,000.',
    ),
  openedAtMs: timeMs,
  lastSeenAtMs: timeMs,
  closedAtMs: timeMs.nullable(),
  endsAtMs: timeMs.nullable(),
  silent: z.literal(true).optional().describe('Closed because no notification came.'),
  ended: z
    .record(text, z.object({ endsAtMs: timeMs, receivedAtMs: timeMs }))
    .describe('Recently resolved fingerprints: when they resolved, and when Jidoka heard of it.'),
  deliveries: z.int(),
  verdicts: z.array(disposition).readonly(),
  misses: z.array(miss).readonly(),
  cases: z.array(text).readonly(),
  spent: z.array(text).readonly().describe('Playbooks that already ran for this episode.'),
  mutingUnseen: z
    .literal(true)
    .optional()
    .describe('Found through the API of an Alertmanager whose muting is not visible.'),
  manual: manualRun
    .optional()
    .describe('Set if a person runs a playbook by hand: which, who and why.'),
});

/** A playbook of the active set. */
export const playbookSchema = z.object({
  name: text,
  summary: text,
  owner: text.optional(),
  mode: z.enum(['shadow', 'approve', 'auto']),
  file: text,
  hash: text.describe('SHA-256 of `text`.'),
  text: text.describe('Its YAML, as in the file.'),
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
  alert: text.optional().describe('The id of the alert that began a run or joined it.'),
  by: text.optional(),
});

/** A notification as it was received: a line of the history. */
export const receivedSchema = z.object({
  received_at: z.iso.datetime(),
  source: text,
  via: z
    .enum(['webhook', 'reconciliation'])
    .describe("Whether it was posted, or found in Alertmanager's API."),
  muting_unseen: z.literal(true).optional().describe('Found where muting is not visible.'),
  manual: manualRun.optional().describe('A run by hand.'),
  notification: z.record(z.string(), z.unknown()).describe("A body of Alertmanager's webhook."),
});
