import { clickValue } from '../escalation/click.js';
import { section } from './blocks.js';
import { mrkdwn } from './text.js';

/** A modal as Slack takes it. (docs.slack.dev, reference/views) */
export interface Form {
  readonly type: 'modal';
  readonly [field: string]: unknown;
}

/** Which of our modals it is (`callback_id`), and its one input. */
export const denialForm = 'denial';
export const reasonInput = 'reason';

/** As long as the API takes a comment. */
const longestReason = 500;
const longestNotice = 2_500;

/** Asks for the reason of a no. It holds nothing but the two ids that its button held. */
export function denialOf(escalationId: string, choiceId: string): Form {
  return {
    type: 'modal',
    callback_id: denialForm,
    private_metadata: clickValue(escalationId, choiceId),
    title: words('Deny'),
    submit: words('Deny'),
    close: words('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: reasonInput,
        label: words('Everyone who sees the message can read your reason.'),
        element: {
          type: 'plain_text_input',
          action_id: reasonInput,
          multiline: true,
          max_length: longestReason,
        },
      },
    ],
  };
}

/** Says in place of a form that was submitted what came of it, to the person who has it before them. */
export function noticeForm(text: string): Form {
  return {
    type: 'modal',
    title: words('Not recorded'),
    close: words('Close'),
    blocks: section(mrkdwn(text, longestNotice)),
  };
}

function words(text: string) {
  return { type: 'plain_text', text, emoji: false };
}
