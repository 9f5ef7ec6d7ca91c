import { z } from 'zod';
import { durationField, textField } from './field.js';

/** Whom a question is passed on to when nobody answers. */
export interface Tier {
  /** How long nobody has answered, since the question was asked or was passed on to the tier before. */
  readonly afterMs: number;
  /** `undefined`: the channel in which it was asked. */
  readonly channel: string | undefined;
  /** Slack's ids of people (`U…`, `W…`) and of user groups (`S…`) that are called. */
  readonly mention: readonly string[];
}

const idPattern = /^[UWS][A-Z0-9]{2,}$/;

const idField = z
  .string()
  .regex(
    idPattern,
    "expected Slack's id of a person (U…) or of a user group (S…), such as S0123ABC",
  )
  .meta({ title: 'id', pattern: idPattern.source });

const tierField = z
  .strictObject({
    after: durationField.describe(
      'How long nobody has answered, since the question was asked or was passed on to the tier before.',
    ),
    channel: textField
      .optional()
      .meta({ description: 'The channel it is shown in too.', examples: ['#ops-leads'] }),
    mention: z
      .array(idField)
      .min(1)
      .optional()
      .meta({
        description: "Who is called there: Slack's ids of people (U…) and of user groups (S…).",
        examples: [['S0123ABC']],
      }),
  })
  .refine(({ channel, mention }) => channel !== undefined || mention !== undefined, {
    error: 'expected a channel, or somebody to mention',
  })
  .transform(({ after, channel, mention = [] }): Tier => ({ afterMs: after, channel, mention }));

/** The tiers of `escalate.then`, one after another. */
export const tiersField = z.array(tierField).max(10);
