import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.js';
import type { AnswerResult, GivenAnswer } from '../escalation/answer.js';
import type { Logger } from '../logger.js';
import { readInteraction, type SlackClick } from './slack-payload.js';
import { createTellPrivately, failureOf } from './slack-tell.js';

interface InteractionParts {
  /** @throws what Redis throws. */
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
  readonly log: Logger;
}

/**
 * Does what an interaction asks for, and resolves when it is to be acknowledged: in time, whether
 * that is done or not.
 *
 * @throws InputError for what is no interaction.
 */
export type TakeInteraction = (payload: unknown) => Promise<void>;

/** Slack shows the person an error after 3 s. */
const acknowledgeWithinMs = 2_000;

/**
 * What both doors for interactions lead to, the HTTP route and the socket. Whoever clicks learns what
 * came of it from the message, which is edited elsewhere; here only those are told whose click did
 * nothing.
 */
export function createTakeInteraction({ answer, log }: InteractionParts): TakeInteraction {
  const tell = createTellPrivately({ log });

  /** Resolves as soon as the click is decided; whoever is to be told is told afterwards. */
  async function choose(click: SlackClick): Promise<void> {
    const { escalationId: id, choiceId, person } = click;
    let text: string | null;
    try {
      text = failureOf(await answer({ id, choiceId, person }));
    } catch (error) {
      log.error({ escalation: id, fault: messageOf(error) }, 'click could not be recorded');
      text =
        'Your click could not be recorded. Click again in a moment: if it did count, you will be told.';
    }
    if (text !== null) void tell(click, text);
  }

  return async (payload) => {
    const interaction = readInteraction(payload);
    if (interaction === null) return;
    await Promise.race([
      choose(interaction),
      sleep(acknowledgeWithinMs, undefined, { ref: false }),
    ]);
  };
}
