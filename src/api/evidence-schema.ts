import { z } from 'zod';
import { alertEnds } from '../ledger/alert-end.js';
import { statDays } from '../ledger/daily-stats.js';
import { statNames } from '../ledger/playbook-stats.js';
import { pageQuerySchema } from './request-schema.js';
import { playbookSchema } from './schema.js';

/*
 * What the API shows of what came of playbooks and alerts. Days are those of UTC.
 */

const text = z.string();
const timeMs = z.int().describe('Milliseconds since the Unix epoch.');
const labels = z.record(text, text);

function counts<Name extends string>(names: readonly Name[]) {
  return z.object(
    Object.fromEntries(names.map((name) => [name, z.int()])) as Record<Name, z.ZodInt>,
  );
}

const evidenceCounts = counts(statNames).describe(
  'Runs by their end (helped, unverified, failed, unknown, nothing_done, denied, expired, cancelled), and how many were asked, approved and undone. Alerts in shadow (shadowed) and ignored alerts. took_…: runs that helped within that time from the first change; took_ms: the sum of their times.',
);

const allowance = z.object({
  scope: text.describe('What it counts: runs of the playbook, on a target, or in total.'),
  count: z.int(),
  windowMs: z.int(),
  used: z.int().describe('How many runs have begun within the window.'),
  freeAtMs: timeMs.nullable().describe('When there is room again; null: there is.'),
});

/** A playbook of the active set with what came of it, and what its guards say now. */
export const standingSchema = playbookSchema.extend({
  evidence: z.object({
    total: evidenceCounts,
    ran: z.int().describe('Runs that began their work: helped, unverified, failed, unknown.'),
    took: z
      .object({
        meanMs: z.int(),
        halfWithinMs: z.int().nullable().describe('null: longer than 30 minutes.'),
      })
      .nullable()
      .describe('From the first change until the alerts resolved; null: it has not helped yet.'),
    sinceMs: timeMs.nullable().describe('Since when it is counted; null: nothing is.'),
    lastMs: timeMs.nullable(),
    days: z
      .array(z.object({ day: text, counts: evidenceCounts }))
      .readonly()
      .describe('Each of the last days, the oldest first.'),
  }),
  guards: z.object({
    cooldownMs: z.int(),
    limits: z.array(text).readonly().describe('Its own, for each target.'),
    allowances: z
      .array(allowance)
      .readonly()
      .describe("The remaining runs of the policy's limits."),
    windows: z.array(text).readonly().describe('Why no automatic run starts now.'),
    paused: z.boolean().describe('By a pause of the playbook or of everything.'),
    failures: z.int().describe('Runs in a row that did not help.'),
    breakerOpen: z.boolean().describe('Whether each run requires approval.'),
  }),
});

/** The same with what it may do to the targets that its latest runs worked on. */
export const playbookStandingSchema = standingSchema.extend({
  targets: z
    .array(
      z.object({
        target: z.object({ id: text, name: text }),
        restsUntilMs: timeMs.nullable().describe('When its cooldown is over; null: it is.'),
        allowances: z.array(allowance).readonly(),
      }),
    )
    .readonly(),
  latestRuns: z.array(text).readonly().describe('The ids of its latest runs, newest first.'),
});

/** A page of the active set, in the order in which its playbooks are tried. */
export const standingsSchema = z.object({
  hash: text.describe('SHA-256 over all files of the set.'),
  items: z.array(standingSchema).readonly(),
  next: text.nullable().describe('Pass as `before` to read on; null at the end.'),
});

const days = z.coerce.number().int().min(1);

/** The query of the list of playbooks. */
export const standingsQuerySchema = pageQuerySchema.extend({
  days: days.max(90).default(30).describe('How many days to show.'),
});

/** The query of one playbook. */
export const standingQuerySchema = standingsQuerySchema.pick({ days: true });

/** The query of the report. */
export const reportQuerySchema = z.strictObject({
  days: days.max(statDays).default(30).describe('How many days, up to today.'),
});

const ends = counts(alertEnds).describe(
  'Ended alerts, each counted once: by_machine (auto-remediated, without an escalation), by_click (a person chose or approved the action), by_people (escalated, and people acted), by_itself (self-resolved), ignored (by a playbook).',
);

/** What became of the alerts of some days. */
export const reportSchema = z.object({
  days: z.int(),
  ends,
  share: z
    .number()
    .nullable()
    .describe('by_machine of by_machine, by_click and by_people; null: there were none.'),
  minutesPerAlert: z.int().describe('report.minutes_per_alert of the policy.'),
  minutesSaved: z.int().describe('by_machine times minutesPerAlert.'),
  perDay: z.array(z.object({ day: text, ends })).readonly(),
  reached: z
    .array(z.object({ labels, count: z.int() }))
    .readonly()
    .describe('The top escalated alerts: candidates for playbooks.'),
  reachedOthers: z.int().describe('Alerts beyond the number of kinds that Jidoka keeps per day.'),
});
