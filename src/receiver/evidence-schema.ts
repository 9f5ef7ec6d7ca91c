import { z } from 'zod';
import { alertEnds } from '../ledger/alert-end.js';
import { evidenceNames } from '../ledger/evidence.js';
import { figureDays } from '../ledger/figures.js';
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

const evidenceCounts = counts(evidenceNames).describe(
  'Runs by how they ended (helped, unverified, failed, unknown, nothing_done, denied, expired), and of them those that a person was asked about, approved, and that were undone. Alerts that it showed what it would do about (shadowed), or ignored. took_…: of those that helped, how many within that time from the first change; took_ms: all their times together.',
);

const allowance = z.object({
  scope: text.describe('What it counts: runs of the playbook, on a target, of the whole fleet.'),
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
    allowances: z.array(allowance).readonly().describe("What is left of the policy's limits."),
    windows: z.array(text).readonly().describe('Why it does nothing by itself now.'),
    paused: z.boolean().describe('By a pause of its own, or of everything.'),
    failures: z.int().describe('Runs in a row that did not help.'),
    breakerOpen: z.boolean().describe('Whether a person is asked before each run.'),
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
  days: days.max(90).default(30).describe('How many days are told apart.'),
});

/** The query of one playbook. */
export const standingQuerySchema = standingsQuerySchema.pick({ days: true });

/** The query of the report. */
export const reportQuerySchema = z.strictObject({
  days: days.max(figureDays).default(30).describe('How many days, up to today.'),
});

const ends = counts(alertEnds).describe(
  'Alerts that are over, each once: by_machine (a playbook changed something, and nobody was told or asked), by_click (a person chose or approved what was done), by_people (a person was told or asked, and saw to it), by_itself (nothing was done), ignored (a playbook says so).',
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
    .describe('What reached people most often: the next playbooks to write.'),
  reachedOthers: z
    .int()
    .describe('Alerts on days on which more kinds reached people than are kept.'),
});
