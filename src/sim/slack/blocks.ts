import { randomBytes } from 'node:crypto';
import {
  byType,
  type Check,
  flag,
  isObject,
  listOf,
  objectOf,
  oneOf,
  problem,
  text,
  wholeNumber,
} from './check.js';
import { SlackError } from './slack-error.js';

/** A block as it was posted, with the ids that Slack gives to what came without. */
export interface Block {
  readonly type: string;
  readonly block_id: string;
  readonly [field: string]: unknown;
}

const textKinds = (max: number) => ({
  plain_text: objectOf({ required: { text: text(max) }, optional: { emoji: flag } }),
  mrkdwn: objectOf({ required: { text: text(max) }, optional: { verbatim: flag } }),
});

const anyText = (max: number) => byType(textKinds(max));

/** A `plain_text` object of at least one and at most `max` characters. */
export const plainText = (max: number) => byType({ plain_text: textKinds(max).plain_text });

const style = oneOf('primary', 'danger');

const confirm = objectOf({
  required: {
    title: plainText(100),
    text: anyText(300),
    confirm: plainText(30),
    deny: plainText(30),
  },
  optional: { style },
});

const button = objectOf({
  required: { text: plainText(75) },
  optional: {
    action_id: text(255),
    value: text(2000),
    url: text(3000),
    style,
    confirm,
    accessibility_label: text(75),
  },
});

const image = objectOf({ required: { image_url: text(3000), alt_text: text(2000) } });

const blockId = { block_id: text(255) };

const sectionFields = objectOf({
  optional: {
    ...blockId,
    text: anyText(3000),
    fields: listOf(anyText(2000), 10),
    accessory: byType({ button, image }),
    expand: flag,
  },
});

const section: Check = (value, at) => {
  const empty = isObject(value) && value.text === undefined && value.fields === undefined;
  return [
    ...(empty ? [problem('missing required field: text or fields', at)] : []),
    ...sectionFields(value, at),
  ];
};

const surfaces = {
  section,
  header: objectOf({ required: { text: plainText(150) }, optional: blockId }),
  divider: objectOf({ optional: blockId }),
  context: objectOf({
    required: {
      elements: listOf(byType({ ...textKinds(3000), image }), 10),
    },
    optional: blockId,
  }),
  actions: objectOf({
    required: { elements: listOf(byType({ button }), 25) },
    optional: blockId,
  }),
};

/** The blocks of a message. */
const block = byType(surfaces);

const textInput = objectOf({
  required: { action_id: text(255) },
  optional: {
    multiline: flag,
    min_length: wholeNumber(0, 3000),
    max_length: wholeNumber(1, 3000),
    placeholder: plainText(150),
    initial_value: text(3000),
  },
});

/** The blocks of a modal: those of a message, and inputs. */
export const viewBlocks = byType({
  ...surfaces,
  input: objectOf({
    required: { label: plainText(2000), element: byType({ plain_text_input: textInput }) },
    optional: { ...blockId, hint: plainText(2000), optional: flag },
  }),
});

const maxBlocks = 50;

/** How long blocks may be in all; Slack does not say what it counts, here it is their JSON. */
const maxCharacters = 13_200;

/**
 * Checks blocks against Block Kit's limits and gives ids to what has none. Known are section, header,
 * divider, context and actions with buttons; any other block is refused as unsupported.
 *
 * @throws SlackError `invalid_blocks_format`, `invalid_blocks` (with every problem) or `msg_blocks_too_long`
 */
export function readBlocks(given: unknown): readonly Block[] {
  const blocks = parse(given);
  if (!Array.isArray(blocks)) throw new SlackError('invalid_blocks_format');
  if (blocks.length > maxBlocks) {
    const why = problem(`no more than ${maxBlocks} items allowed`, '/blocks');
    throw new SlackError('invalid_blocks', [why]);
  }
  const problems = [
    ...blocks.flatMap((one: unknown, index) => block(one, `/blocks/${index}`)),
    ...duplicateIds(blocks),
  ];
  if (problems.length > 0) throw new SlackError('invalid_blocks', problems);
  if (JSON.stringify(blocks).length > maxCharacters) throw new SlackError('msg_blocks_too_long');
  return (blocks as Record<string, unknown>[]).map(withIds);
}

/** The buttons of a block, in actions or as a section's accessory. */
export function buttonsOf(one: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
  const elements = Array.isArray(one.elements) ? one.elements : [one.accessory];
  return elements.filter(isObject).filter((element) => element.type === 'button');
}

function parse(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  try {
    return JSON.parse(given);
  } catch {
    throw new SlackError('invalid_blocks_format');
  }
}

function duplicateIds(blocks: readonly unknown[]): string[] {
  const seenBlocks = new Set<unknown>();
  return blocks.flatMap((one, index) => {
    if (!isObject(one)) return [];
    const at = `/blocks/${index}`;
    const problems: string[] = [];
    if (one.block_id !== undefined && seenBlocks.has(one.block_id)) {
      problems.push(problem(`duplicate block_id: ${String(one.block_id)}`, at));
    }
    seenBlocks.add(one.block_id);
    const seenActions = new Set<unknown>();
    for (const { action_id: id } of buttonsOf(one)) {
      if (id !== undefined && seenActions.has(id)) {
        problems.push(problem(`duplicate action_id: ${String(id)}`, at));
      }
      seenActions.add(id);
    }
    return problems;
  });
}

function withIds(one: Record<string, unknown>): Block {
  const named = (element: unknown) =>
    isObject(element) && element.type === 'button' ? { action_id: newId(), ...element } : element;
  return {
    ...one,
    type: String(one.type),
    block_id: typeof one.block_id === 'string' ? one.block_id : newId(),
    ...(Array.isArray(one.elements) ? { elements: one.elements.map(named) } : {}),
    ...(one.accessory === undefined ? {} : { accessory: named(one.accessory) }),
  };
}

function newId(): string {
  return randomBytes(4).toString('base64url').slice(0, 5);
}
