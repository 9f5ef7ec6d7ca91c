import { z } from 'zod';
import { labels, text, timeMs } from './schema-fields.js';

/*
 * What was found about an escalation or a run. Each part is there, or says why it is missing.
 */

const missing = z.object({ missing: text.describe('Why the part has nothing to show.') });
const values = z
  .array(z.number().nullable())
  .readonly()
  .describe('A value for each step; null: there is none, or it is not finite.');

const metric = z.object({
  expression: text.describe("The expression of the line: the rule's, or its left side."),
  threshold: z
    .object({
      operator: text,
      expression: text,
      value: z.union([z.number(), values]).describe('One number, or one for each step.'),
    })
    .nullable(),
  fromMs: timeMs,
  stepMs: z.int(),
  series: z.array(z.object({ labels, values })).readonly(),
  found: z.int().describe("How many series could be the alert's."),
  notes: z.array(text).readonly(),
  graphUrl: text.nullable(),
});

const changes = z.object({
  fromMs: timeMs,
  items: z
    .array(
      z.object({
        atMs: timeMs,
        kind: text.describe('run: Jidoka itself; else what others did, such as deployed.'),
        text,
        runId: text.optional(),
      }),
    )
    .readonly()
    .describe('Newest first.'),
  note: text.optional().describe('Why something may be missing.'),
});

const tasks = z.object({
  services: z
    .array(
      z.object({
        name: text,
        running: z.int(),
        desired: z.int().nullable(),
        failures: z
          .array(
            z.object({
              atMs: timeMs,
              state: text,
              error: text,
              exitCode: z.int().nullable(),
              node: text.nullable(),
            }),
          )
          .readonly(),
        failed: z.int(),
        problems: z.array(text).readonly(),
        logs: z.array(text).readonly().optional().describe('With evidence.logs in the policy.'),
      }),
    )
    .readonly(),
});

const group = z.object({
  groups: z
    .array(
      z.object({
        name: text,
        activities: z
          .array(z.object({ atMs: timeMs, status: text, description: text, message: text }))
          .readonly(),
      }),
    )
    .readonly(),
});

const lastTime = z.object({
  precedents: z
    .array(
      z.object({
        id: text,
        kind: z.enum(['run', 'escalation']),
        atMs: timeMs,
        what: text,
        by: text.nullable(),
        result: z.enum(['helped', 'failed', 'unknown', 'none']),
        tookMs: z.int().nullable(),
      }),
    )
    .readonly(),
});

const related = z.object({
  alerts: z
    .array(z.object({ id: text, labels, openedAtMs: timeMs, shares: z.enum(['group', 'target']) }))
    .readonly(),
  total: z.int(),
});

/** The evidence of an escalation or a run. */
const gatheredEvidenceSchema = z.object({
  id: text,
  gatheredAtMs: timeMs,
  alertAtMs: timeMs.describe('Since when the alert fires.'),
  headline: text.nullable().describe('What stands out; null: nothing does.'),
  metric: z.union([metric, missing]),
  changes: z.union([changes, missing]),
  tasks: z.union([tasks, missing]),
  group: z.union([group, missing]),
  lastTime: z.union([lastTime, missing]),
  related: z.union([related, missing]),
});

/** The same as the API gives it. */
export const evidenceAnswerSchema = z.object({
  evidence: gatheredEvidenceSchema
    .nullable()
    .describe('null: Jidoka gathers it now. Ask again in a few seconds.'),
});
