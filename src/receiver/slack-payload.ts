import { z } from 'zod';
import { InputError } from '../errors.js';
import { parseClick } from '../escalation/click.js';
import type { Person } from '../escalation/person.js';

/** A person's click on a button of ours that answers an escalation. */
export interface SlackClick {
  readonly kind: 'choice';
  readonly escalationId: string;
  readonly choiceId: string;
  readonly person: Person;
  /** Where the person may be answered; a capability, so never logged. */
  readonly responseUrl: string | undefined;
}

/** As much of an interaction as is read. (docs.slack.dev, block_actions payload) */
const interactionSchema = z.object({
  type: z.string(),
  user: z
    .object({
      id: z.string(),
      username: z.string().optional(),
      name: z.string().optional(),
      team_id: z.string().optional(),
    })
    .optional(),
  actions: z.array(z.object({ type: z.string(), value: z.string().optional() })).optional(),
  response_url: z.url({ protocol: /^https?$/ }).optional(),
});

/**
 * Reads the payload of an interaction, whichever door it came through; `null` for one that asks
 * nothing of us: of another type, or a click on a link or on a button that is not ours.
 *
 * @throws InputError when it is no interaction at all.
 */
export function readInteraction(payload: unknown): SlackClick | null {
  const read = interactionSchema.safeParse(payload);
  if (!read.success) {
    throw new InputError('payload: expected an interaction as Slack sends it', 'payload');
  }
  const { type, user, actions = [], response_url: responseUrl } = read.data;
  if (type !== 'block_actions' || user === undefined) return null;
  const { id, team_id: team, username, name = username } = user;
  const person: Person = { via: 'slack', id, team, name: username ?? name };
  for (const action of actions) {
    const clicked = action.type === 'button' ? parseClick(action.value ?? '') : null;
    if (clicked !== null) return { kind: 'choice', ...clicked, person, responseUrl };
  }
  return null;
}
