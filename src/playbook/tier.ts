import { z } from 'zod';
import { durationField, textField } from '../lib/field.js';

/** Whom a question is passed on to when no one answers. */
export interface Tier {
  /** How long to wait for an answer, from the question or from the previous tier. */
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
      'How long to wait for an answer, from the question or from the previous tier.',
    ),
    channel: textField
      .optional()
      .meta({ description: 'The Slack channel of this tier.', examples: ['#ops-leads'] }),
    mention: z
      .array(idField)
      .min(1)
      .optional()
      .meta({
        description: 'Who to mention: Slack IDs of users (U…) and of user groups (S…).',
        examples: [['S0123ABC']],
      }),
  })
  .refine(({ channel, mention }) => channel !== undefined || mention !== undefined, {
    error: 'expected a channel or a list of mentions',
  })
  .transform(({ after, channel, mention = [] }): Tier => ({ afterMs: after, channel, mention }));

/** The tiers of `escalate.then`, one after another. */
export const tiersField = z.array(tierField).max(10);
