import { z } from 'zod';
import { parseDuration } from '../lib/duration.js';
import { readWith } from '../lib/field.js';

/*
 * What the API takes and shows of the guards that people work: pauses, the blast radius, breakers.
 */

const text = z.string();
const timeMs = z.int().describe('Milliseconds since the Unix epoch.');
const by = z.string().trim().min(1).max(100).describe('Who does it.');
const name = z.string().trim().min(1).max(255);

const scopes = {
  everything: z.strictObject({ of: z.literal('everything') }),
  playbook: z.strictObject({ of: z.literal('playbook'), name }),
  target: z.strictObject({
    of: z.literal('target'),
    name: name.describe('Its name, or its id such as `asg/workers`.'),
  }),
  direction: z.strictObject({ of: z.literal('direction'), name: z.enum(['up', 'down']) }),
};

/** A schema for every scope, each with these fields besides. */
function scoped<Fields extends z.ZodRawShape>(fields: Fields) {
  return z.discriminatedUnion('of', [
    scopes.everything.extend(fields),
    scopes.playbook.extend(fields),
    scopes.target.extend(fields),
    scopes.direction.extend(fields),
  ]);
}

/** A pause as it is set. */
export const newPauseSchema = scoped({
  by,
  why: z.string().trim().min(1).max(500).describe('The reason, shown with each deferred decision.'),
  for: readWith(z.string(), parseDuration)
    .optional()
    .describe('How long, such as `2h`; default: until a person lifts it.'),
});

/** Which pause is lifted, and by whom. */
export const liftSchema = scoped({ by });

/** Who resets something. */
export const resetSchema = z.strictObject({ by });

const pauseFields = {
  by: text,
  why: text,
  sinceMs: timeMs,
  untilMs: timeMs.nullable().describe('null: until it is lifted.'),
};

/** A pause that lasts. */
export const pauseSchema = scoped(pauseFields);

/** Whether a name is one of a target. */
export const targetFitSchema = z.object({
  fits: z
    .boolean()
    .nullable()
    .describe('Whether a service, a node or a group has this name or ID; null: not readable.'),
  nearest: text.nullable().describe('The nearest name; null: none is similar.'),
  detail: text.describe('Why it is not readable; else empty.'),
});

/** Which name is looked up. */
export const targetQuerySchema = z.strictObject({ name });

/** A pause that was set just now. It is set whether its target is there or not. */
export const setPauseSchema = scoped({
  ...pauseFields,
  target: targetFitSchema.optional().describe('Of a pause of a target: whether there is one.'),
});

/** All pauses that last. */
export const pausesSchema = z.object({ items: z.array(pauseSchema).readonly() });

const tripSchema = z.object({
  atMs: timeMs,
  detail: text,
  kinds: z.array(text).readonly(),
  escalationId: text,
});

/** How the blast radius stands. */
export const blastRadiusSchema = z.object({
  tripped: tripSchema.nullable().describe('null: not exceeded.'),
});

/** An open breaker. */
export const breakerSchema = z.object({
  playbook: text,
  openedAtMs: timeMs,
  failures: z.int().describe('How many of its runs in a row did not help.'),
  runId: text,
  escalationId: text,
});

/** All open breakers. */
export const breakersSchema = z.object({ items: z.array(breakerSchema).readonly() });
