import { z } from 'zod';
import { type ClickedChoice, parseClick } from '../escalation/click.js';
import type { Person } from '../escalation/person.js';
import { InputError } from '../lib/errors.js';
import { askWhy, cancelRunButton, denyWithReason } from './buttons.js';
import { denialForm, reasonInput } from './form.js';

/** Something that a person does in Slack and that is ours. */
export type SlackInteraction = ClickedChoice & { readonly person: Person } & (
    | { readonly kind: 'choose' | 'ask_why' | 'cancel'; readonly responseUrl: string | undefined }
    | {
        readonly kind: 'open_denial';
        readonly responseUrl: string | undefined;
        /** Opens one modal, within 3 s. */
        readonly triggerId: string;
      }
    | { readonly kind: 'deny'; readonly comment: string }
  );

/** A click on a button of ours. */
export type SlackClick = Extract<SlackInteraction, { readonly responseUrl: unknown }>;

/** As much of an interaction as is read. (docs.slack.dev, block_actions and view_submission payloads) */
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
  actions: z
    .array(
      z.object({
        type: z.string(),
        action_id: z.string().optional(),
        value: z.string().optional(),
      }),
    )
    .optional(),
  trigger_id: z.string().optional(),
  /** A capability, so never logged. */
  response_url: z.url({ protocol: /^https?$/ }).optional(),
  view: z
    .object({
      callback_id: z.string().optional(),
      private_metadata: z.string().optional(),
      state: z
        .object({
          values: z.record(
            z.string(),
            z.record(z.string(), z.object({ value: z.string().nullish() })),
          ),
        })
        .optional(),
    })
    .optional(),
});

type Payload = z.output<typeof interactionSchema>;

/**
 * Reads the payload of an interaction, whichever door it came through; `null` for one that asks
 * nothing of us: of another type, a click on a link, or on a button or form that is not ours.
 *
 * @throws InputError when it is no interaction at all.
 */
export function readInteraction(payload: unknown): SlackInteraction | null {
  const read = interactionSchema.safeParse(payload);
  if (!read.success) {
    throw new InputError('payload: expected an interaction as Slack sends it', 'payload');
  }
  const { type, user } = read.data;
  if (user === undefined) return null;
  const { id, team_id: team, username, name = username } = user;
  const person: Person = { via: 'slack', id, team, name: username ?? name };
  if (type === 'block_actions') return readClick(read.data, person);
  if (type === 'view_submission') return readDenial(read.data, person);
  return null;
}

function readClick(payload: Payload, person: Person): SlackInteraction | null {
  const { actions = [], trigger_id: triggerId = '', response_url: responseUrl } = payload;
  for (const { type, action_id: actionId, value = '' } of actions) {
    const clicked = type === 'button' ? parseClick(value) : null;
    if (clicked === null) continue;
    const about = { ...clicked, person, responseUrl };
    if (actionId === denyWithReason) return { kind: 'open_denial', ...about, triggerId };
    if (actionId === cancelRunButton) return { kind: 'cancel', ...about };
    return { kind: actionId === askWhy ? 'ask_why' : 'choose', ...about };
  }
  return null;
}

function readDenial({ view }: Payload, person: Person): SlackInteraction | null {
  const denied = view?.callback_id === denialForm ? parseClick(view.private_metadata ?? '') : null;
  if (denied === null) return null;
  const comment = view?.state?.values[reasonInput]?.[reasonInput]?.value ?? '';
  return { kind: 'deny', ...denied, person, comment };
}
