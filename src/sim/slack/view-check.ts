import { plainText, viewBlocks } from './blocks.js';
import { type Check, flag, isObject, listOf, objectOf, problem, text } from './check.js';
import { SlackError } from './slack-error.js';

/** A modal as the app sends it. */
export interface View {
  readonly type: 'modal';
  readonly title: { readonly text: string };
  readonly blocks: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

const longestTitle = 24;
const maxBlocks = 100;
const longestMetadata = 3000;
/** In bytes. */
const largestView = 250_000;

const modal = objectOf({
  required: { title: plainText(longestTitle), blocks: listOf(viewBlocks, maxBlocks) },
  optional: {
    close: plainText(longestTitle),
    submit: plainText(longestTitle),
    private_metadata: text(longestMetadata),
    callback_id: text(255),
    external_id: text(255),
    clear_on_close: flag,
    notify_on_close: flag,
  },
});

const hasSubmit: Check = (value, at) => {
  if (!isObject(value) || !Array.isArray(value.blocks) || value.submit !== undefined) return [];
  const asks = value.blocks.some((block) => isObject(block) && block.type === 'input');
  return asks ? [problem('missing required field: submit', at)] : [];
};

/**
 * Reads a modal and holds it against Slack's limits. (docs.slack.dev, reference/views)
 *
 * @throws SlackError `invalid_arguments` with every problem, or `view_too_large`
 */
export function readView(given: unknown): View {
  const value = typeof given === 'string' ? parse(given) : given;
  const problems =
    isObject(value) && value.type === 'modal'
      ? [...modal(value, '/view'), ...hasSubmit(value, '/view')]
      : [problem('expected a view of the type modal', '/view/type')];
  if (problems.length > 0) throw new SlackError('invalid_arguments', problems);
  if (Buffer.byteLength(JSON.stringify(value)) > largestView)
    throw new SlackError('view_too_large');
  return value as View;
}

function parse(textOfView: string): unknown {
  try {
    return JSON.parse(textOfView);
  } catch {
    throw new SlackError('invalid_arguments', [problem('must be a valid JSON', '/view')]);
  }
}
