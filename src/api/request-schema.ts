import { z } from 'zod';
import { parseTimestamp } from '../alertmanager/timestamp.js';
import { InputError } from '../lib/errors.js';
import { readWith } from '../lib/field.js';
import { explainIssues, faultText } from '../playbook/issue.js';

/** A newest-first page of a list. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    items: z
      .array(item)
      .readonly()
      .describe('May be fewer than `limit` before the end, without expired records.'),
    next: z.string().nullable().describe('Pass as `before` to read on; null at the end.'),
  });
}

/** A person's answer to an escalation. */
export const answerSchema = z.strictObject({
  choice: z.string().min(1).describe('The id of one of the choices of the escalation.'),
  by: z.string().trim().min(1).max(100).describe('Who answers.'),
  comment: z.string().trim().max(500).optional().describe('Why, in your own words.'),
});

/** That a person cancels a run. */
export const cancelSchema = z.strictObject({
  by: z.string().trim().min(1).max(100).describe('Who cancels it.'),
  comment: z.string().trim().max(500).optional().describe('Why, in your own words.'),
});

/** That a person runs a playbook by hand. */
export const runPlaybookSchema = z.strictObject({
  labels: z
    .record(z.string(), z.string())
    .default({})
    .describe('The labels that its matchers and expressions read.'),
  by: z.string().trim().min(1).max(100).describe('Who runs it.'),
  why: z.string().trim().min(1).max(500).describe('Why, in your own words.'),
  key: z
    .string()
    .trim()
    .min(8)
    .max(100)
    .describe(
      'An idempotency key of your choice, such as a UUID: the same request with the same key starts one run.',
    ),
});

/** What came of a request to run a playbook. */
export const manualRunSchema = z.object({
  alert: z.string().describe('The ID of its alert, of source `manual`.'),
  run: z.string().nullable().describe('The ID of its run; null: none has started.'),
  state: z
    .enum(['queued', 'held', 'working', 'applied', 'done', 'failed'])
    .describe(
      'queued: not decided yet, send the same request again; held: a guard defers it, or it waits for approval; working and applied: the run is active; done; failed: escalated.',
    ),
  detail: z.string(),
});

const limit = z.coerce.number().int().min(1).max(500).default(50);
const before = z.string().min(1).optional();

/** The query of a list. */
export const pageQuerySchema = z.strictObject({ limit, before });

/** The query of a list whose records can be open. */
export const recordsQuerySchema = pageQuerySchema.extend({
  state: z.literal('open').optional(),
});

const timeField = readWith(z.string(), (text) => {
  const ms = parseTimestamp(text);
  if (ms !== undefined && ms >= 0 && ms <= latestMs) return ms;
  throw new InputError(`expected a time such as 2026-01-31T08:00:00Z, got ${text}`, 'time');
}).meta({ type: 'string', format: 'date-time' });

/** The end of the year 9999. */
const latestMs = 253_402_300_799_999;

/** The query of the history. */
export const historyQuerySchema = z.strictObject({
  since: timeField.optional().default(0).describe('Received then or later.'),
  until: timeField.optional().default(latestMs).describe('Received then or earlier.'),
});

/**
 * Reads what a caller sent by its schema.
 *
 * @throws InputError that names the first field at fault, what was expected and what was found.
 */
export function readFields<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [fault] = explainIssues(schema, result.error.issues, value);
  if (fault === undefined) throw result.error;
  throw new InputError(faultText(fault), fault.path.join('.') || 'body');
}
