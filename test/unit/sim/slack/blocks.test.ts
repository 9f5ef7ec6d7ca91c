import { describe, expect, it } from 'vitest';
import { readBlocks } from '../../../../src/sim/slack/blocks.js';
import { SlackError } from '../../../../src/sim/slack/slack-error.js';

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const button = (fields: object = {}) => ({ type: 'button', text: plain('Go'), ...fields });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const confirm = (fields: object = {}) => ({
  title: plain('Sure?'),
  text: mrkdwn('Scale *web* to 3.'),
  confirm: plain('Yes'),
  deny: plain('No'),
  ...fields,
});

function refusal(blocks: unknown): string | undefined {
  try {
    readBlocks(blocks);
    return undefined;
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return error.message;
  }
}

const many = (count: number, make: (index: number) => object) =>
  Array.from({ length: count }, (_, index) => make(index));

describe('the limits of Block Kit', () => {
  it.each<[what: string, limit: number, make: (size: number) => unknown, where: string]>([
    ['blocks a message', 50, (n) => many(n, () => ({ type: 'divider' })), '/blocks'],
    [
      'characters in a section',
      3000,
      (n) => [{ type: 'section', text: mrkdwn('x'.repeat(n)) }],
      '/blocks/0/text/text',
    ],
    [
      'fields of a section',
      10,
      (n) => [{ type: 'section', fields: many(n, () => mrkdwn('x')) }],
      '/blocks/0/fields',
    ],
    [
      'characters in a field',
      2000,
      (n) => [{ type: 'section', fields: [mrkdwn('x'.repeat(n))] }],
      '/blocks/0/fields/0/text',
    ],
    [
      'characters in a header',
      150,
      (n) => [{ type: 'header', text: plain('x'.repeat(n)) }],
      '/blocks/0/text/text',
    ],
    [
      'elements in actions',
      25,
      (n) => [actions(...many(n, (index) => button({ action_id: `a${index}` })))],
      '/blocks/0/elements',
    ],
    [
      'elements in a context',
      10,
      (n) => [{ type: 'context', elements: many(n, () => mrkdwn('x')) }],
      '/blocks/0/elements',
    ],
    [
      'characters in a block_id',
      255,
      (n) => [{ type: 'divider', block_id: 'x'.repeat(n) }],
      '/blocks/0/block_id',
    ],
    [
      'characters in an action_id',
      255,
      (n) => [actions(button({ action_id: 'x'.repeat(n) }))],
      '/blocks/0/elements/0/action_id',
    ],
    [
      "characters in a button's text",
      75,
      (n) => [actions(button({ text: plain('x'.repeat(n)) }))],
      '/blocks/0/elements/0/text/text',
    ],
    [
      "characters in a button's value",
      2000,
      (n) => [actions(button({ value: 'x'.repeat(n) }))],
      '/blocks/0/elements/0/value',
    ],
    [
      "characters in a dialogue's title",
      100,
      (n) => [actions(button({ confirm: confirm({ title: plain('x'.repeat(n)) }) }))],
      '/blocks/0/elements/0/confirm/title/text',
    ],
    [
      "characters in a dialogue's text",
      300,
      (n) => [actions(button({ confirm: confirm({ text: mrkdwn('x'.repeat(n)) }) }))],
      '/blocks/0/elements/0/confirm/text/text',
    ],
    [
      "characters on a dialogue's buttons",
      30,
      (n) => [actions(button({ confirm: confirm({ deny: plain('x'.repeat(n)) }) }))],
      '/blocks/0/elements/0/confirm/deny/text',
    ],
  ])('allows so many %s: %d', (_, limit, make, where) => {
    expect(refusal(make(limit))).toBeUndefined();
    expect(refusal(make(limit + 1))).toContain(`[json-pointer:${where}]`);
  });

  it('bounds a message as a whole', () => {
    const sections = (count: number) =>
      many(count, () => ({ type: 'section', text: mrkdwn('x'.repeat(2900)) }));

    expect(refusal(sections(4))).toBeUndefined();
    expect(refusal(sections(5))).toBe('msg_blocks_too_long');
  });

  it.each([
    ['an empty text', [{ type: 'section', text: mrkdwn('') }], 'must be more than 0 characters'],
    ['a section of nothing', [{ type: 'section' }], 'missing required field: text or fields'],
    ['mrkdwn in a header', [{ type: 'header', text: mrkdwn('x') }], 'unsupported type: mrkdwn'],
    ['mrkdwn on a button', [actions(button({ text: mrkdwn('x') }))], 'unsupported type: mrkdwn'],
    ['another style', [actions(button({ style: 'warning' }))], 'value is not one of'],
    [
      'an undocumented field',
      [actions(button({ disabled: true }))],
      'additional property: disabled',
    ],
    ['an unknown block', [{ type: 'banner' }], 'unsupported type: banner'],
    ['a value that is no string', [actions(button({ value: 7 }))], 'must be a string'],
    ['actions without elements', [actions()], 'no fewer than 1 items'],
    [
      'an action_id used twice in a block',
      [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
      'duplicate action_id: a',
    ],
    [
      'a block_id used twice in a message',
      [
        { type: 'divider', block_id: 'b' },
        { type: 'divider', block_id: 'b' },
      ],
      'duplicate block_id: b',
    ],
  ])('refuses %s', (_, blocks, why) => {
    expect(refusal(blocks)).toContain(why);
  });

  it('allows the same action_id in two blocks', () => {
    const block = actions(button({ action_id: 'a' }));
    expect(refusal([block, block])).toBeUndefined();
  });

  it('tells every problem at once', () => {
    expect(refusal([{ type: 'banner' }, { type: 'header', text: plain('') }])).toMatch(
      /banner.*\/blocks\/1\/text\/text/,
    );
  });

  it('refuses what is no list of blocks', () => {
    expect(refusal('{"type"')).toBe('invalid_blocks_format');
    expect(refusal('{}')).toBe('invalid_blocks_format');
    expect(refusal('["text"]')).toContain('must provide an object');
  });
});
