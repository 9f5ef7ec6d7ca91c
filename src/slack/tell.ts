import type { AnswerResult } from '../engine/people/answer-result.js';
import type { CancelResult } from '../engine/people/cancel.js';
import { describeCancelled } from '../escalation/describe-cancelled.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { Block } from './blocks.js';
import { describeClosed } from './describe-closed.js';
import { mrkdwn } from './text.js';

/** Whom to tell something, about which escalation. */
interface Addressee {
  readonly escalationId: string;
  /** A capability, so never logged; `undefined`: Slack gave none. */
  readonly responseUrl: string | undefined;
}

/** Shows a text to the person who clicked and to no other worker. Never throws. */
export type TellPrivately = (to: Addressee, what: PrivateMessage) => Promise<void>;

interface PrivateMessage {
  /** As anybody writes; it is escaped and cut. */
  readonly text: string;
  readonly blocks?: readonly Block[];
}

const tellTimeoutMs = 5_000;
const longestText = 2_000;

/** Creates the way back to anyone who clicked: the `response_url` of the interaction. */
export function createTellPrivately({ log }: { readonly log: Logger }): TellPrivately {
  return async ({ escalationId, responseUrl }, { text, blocks }) => {
    if (responseUrl === undefined) return;
    try {
      const response = await fetch(responseUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          response_type: 'ephemeral',
          replace_original: false,
          text: mrkdwn(text, longestText),
          ...(blocks === undefined ? {} : { blocks }),
        }),
        signal: AbortSignal.timeout(tellTimeoutMs),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`Slack answered ${response.status}`);
    } catch (error) {
      const about = { escalation: escalationId, fault: messageOf(error) };
      log.warn(about, 'the person who clicked was not told');
    }
  };
}

/** What to tell the person who could not cancel a run; `null` when it is cancelled. */
export function failureOfCancel(result: CancelResult): string | null {
  switch (result.kind) {
    case 'cancelled':
      return null;
    case 'too_late':
      return `Your click came too late and changed nothing. ${describeCancelled(result.run)}`;
    case 'not_allowed':
      return `Your click changed nothing: ${result.why}`;
    case 'unknown_run':
      return 'Jidoka no longer has this run, so your click changed nothing. It keeps runs for 30 days after they end.';
  }
}

/** What to tell the person whose answer did nothing; `null` when it counted. */
export function failureOf(result: AnswerResult): string | null {
  switch (result.kind) {
    case 'accepted':
      return null;
    case 'too_late':
      return `Your click came too late and changed nothing. ${describeClosed(result.escalation)}`;
    case 'not_done':
      return `Jidoka could not do that: ${result.why}`;
    case 'not_allowed':
      return `Your click changed nothing: ${result.why}`;
    case 'unknown_choice': {
      const labels = result.choices.map(({ label }) => `"${label}"`).join(', ');
      const now = labels === '' ? '' : ` Choose one of: ${labels}.`;
      return `This choice is no longer available, so your click changed nothing.${now}`;
    }
    case 'unknown_escalation':
      return 'Jidoka no longer has this question, so your click changed nothing. It keeps questions for 30 days after they end.';
  }
}
