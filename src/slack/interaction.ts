import { setTimeout as sleep } from 'node:timers/promises';
import type { GivenAnswer } from '../engine/people/answer.js';
import type { AnswerResult } from '../engine/people/answer-result.js';
import type { CancelResult } from '../engine/people/cancel.js';
import type { Permission, Person } from '../escalation/person.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { denialOf, type Form, noticeForm } from './form.js';
import { readInteraction, type SlackClick, type SlackInteraction } from './payload.js';
import { createTellPrivately, failureOf, failureOfCancel } from './tell.js';
import { type WhyOf, whyMessage } from './why.js';

export interface InteractionParts {
  /** @throws what Redis throws. */
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
  /** Cancels the run that an escalation is about. @throws what Redis throws. */
  readonly cancelRunOf: (escalationId: string, person: Person) => Promise<CancelResult>;
  /** Whether a person may ask why. */
  readonly mayAsk: (person: Person) => Promise<Permission>;
  readonly whyOf: WhyOf;
  /** Opens a modal before the person whose click this trigger is of. @throws SlackError. */
  readonly openForm: (triggerId: string, form: Form) => Promise<void>;
  readonly log: Logger;
}

/** What Slack is acknowledged with: usually nothing; for a form, what to show in its place. */
export type Acknowledgement =
  | { readonly response_action: 'update'; readonly view: Form }
  | undefined;

/**
 * Does what an interaction asks for, and resolves when it is to be acknowledged: in time, whether
 * that is done or not.
 *
 * @throws InputError for what is no interaction.
 */
export type TakeInteraction = (payload: unknown) => Promise<Acknowledgement>;

/** Slack shows the person an error after 3 s. */
const acknowledgeWithinMs = 2_000;

/**
 * What both doors for interactions lead to, the HTTP route and the socket. Anyone who clicks learns what
 * came of it from the message, which is edited elsewhere; here only those are told whose click did
 * nothing, and those who ask.
 */
export function createTakeInteraction(parts: InteractionParts): TakeInteraction {
  const { log } = parts;
  const tell = createTellPrivately({ log });

  /** Records an answer; what to tell the person who gave it, `null` when it counts. Never throws. */
  async function decide(interaction: SlackInteraction, comment?: string): Promise<string | null> {
    const { escalationId: id, choiceId, person } = interaction;
    try {
      return failureOf(await parts.answer({ id, choiceId, person, comment }));
    } catch (error) {
      log.error({ escalation: id, fault: messageOf(error) }, 'click could not be recorded');
      return 'Jidoka could not record your click. Click again in a moment. If the first click counted, Jidoka tells you.';
    }
  }

  async function choose(click: SlackClick): Promise<void> {
    const text = await decide(click);
    if (text !== null) void tell(click, { text });
  }

  async function cancel(click: SlackClick): Promise<void> {
    const { escalationId, person } = click;
    try {
      const text = failureOfCancel(await parts.cancelRunOf(escalationId, person));
      if (text !== null) void tell(click, { text });
    } catch (error) {
      log.error(
        { escalation: escalationId, fault: messageOf(error) },
        'run could not be cancelled',
      );
      const text = 'Jidoka could not cancel the run. Click again in a moment.';
      void tell(click, { text });
    }
  }

  async function openDenial(click: SlackClick & { kind: 'open_denial' }): Promise<void> {
    const { escalationId, choiceId, triggerId } = click;
    try {
      await parts.openForm(triggerId, denialOf(escalationId, choiceId));
    } catch (error) {
      const fault = messageOf(error);
      log.warn({ escalation: escalationId, fault }, 'the form for a reason could not be opened');
      const text = `Jidoka could not open the form, and nothing was decided: ${fault}. Click again, or choose Deny without a reason.`;
      void tell(click, { text });
    }
  }

  async function sayWhy(click: SlackClick): Promise<void> {
    const { escalationId, person } = click;
    try {
      const permission = await parts.mayAsk(person);
      if (!permission.allowed)
        return tell(click, { text: `Jidoka does not show this: ${permission.why}` });
      return tell(click, whyMessage(await parts.whyOf(escalationId)));
    } catch (error) {
      const fault = messageOf(error);
      log.warn(
        { escalation: escalationId, fault },
        'explanation not shown to the person who clicked',
      );
      return tell(click, { text: `Jidoka could not explain this: ${fault}.` });
    }
  }

  async function deny(submitted: SlackInteraction & { kind: 'deny' }): Promise<Acknowledgement> {
    const text = await Promise.race([
      decide(submitted, submitted.comment),
      sleep(acknowledgeWithinMs, tooSlow, { ref: false }),
    ]);
    if (text === null) return undefined;
    return { response_action: 'update', view: noticeForm(text) };
  }

  async function inTime(work: Promise<void>): Promise<undefined> {
    await Promise.race([work, sleep(acknowledgeWithinMs, undefined, { ref: false })]);
  }

  return async (payload) => {
    const interaction = readInteraction(payload);
    switch (interaction?.kind) {
      case undefined:
        return undefined;
      case 'choose':
        return inTime(choose(interaction));
      case 'cancel':
        return inTime(cancel(interaction));
      case 'open_denial':
        return inTime(openDenial(interaction));
      case 'ask_why':
        return inTime(sayWhy(interaction));
      case 'deny':
        return deny(interaction);
    }
  };
}

const tooSlow =
  'This takes longer than Slack waits. Look at the message: it shows "Denied" once your answer is recorded. If it does not, deny again.';
