import { z } from 'zod';
import { InputError } from '../errors.js';
import { parseClick } from '../escalation/click.js';
import type { GivenAnswer } from './api.js';
import { parseJson } from './body.js';

/** A person's click on a button of ours. */
export interface SlackClick extends GivenAnswer {
  /** Where the person may be answered; a capability, so never logged. */
  readonly responseUrl: string | undefined;
}

/** As much of an interaction as is read. (docs.slack.dev, block_actions payload) */
const interactionSchema = z.object({
  type: z.string(),
  user: z
    .object({ id: z.string(), username: z.string().optional(), name: z.string().optional() })
    .optional(),
  actions: z.array(z.object({ type: z.string(), value: z.string().optional() })).optional(),
  response_url: z.url({ protocol: /^https?$/ }).optional(),
});

/**
 * Reads the body of an interaction, a form with one JSON field; `null` for one that asks nothing of
 * us: of another type, or a click on a link or on a button that is not ours.
 *
 * @throws InputError when it is no interaction at all.
 */
export function readClick(body: Buffer): SlackClick | null {
  const payload = new URLSearchParams(body.toString('utf8')).get('payload');
  if (payload === null) {
    throw new InputError('payload: missing; expected a form with the field "payload"', 'payload');
  }
  const read = interactionSchema.safeParse(parseJson(Buffer.from(payload)));
  if (!read.success) {
    throw new InputError('payload: expected an interaction as Slack sends it', 'payload');
  }
  const { type, user, actions = [], response_url: responseUrl } = read.data;
  if (type !== 'block_actions' || user === undefined) return null;
  for (const action of actions) {
    const clicked = action.type === 'button' ? parseClick(action.value ?? '') : null;
    if (clicked === null) continue;
    const name = user.username ?? user.name;
    const by = name === undefined ? user.id : `${name} (${user.id})`;
    return { id: clicked.escalationId, choiceId: clicked.choiceId, by, responseUrl };
  }
  return null;
}
