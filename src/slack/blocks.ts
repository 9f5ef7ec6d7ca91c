import { plain, sizeOf } from './text.js';

/*
 * The few of Block Kit's blocks that messages are made of, and their limits.
 * (docs.slack.dev, reference/block-kit)
 */

const longestSection = 3000;
const longestHeader = 150;
const longestButton = 75;
const longestConfirmTitle = 100;
const longestConfirmText = 300;
const longestConfirmButton = 30;
const maxFields = 10;

interface Markdown {
  readonly type: 'mrkdwn';
  readonly text: string;
  /** Slack is not to look for links, channels and mentions in it by itself. */
  readonly verbatim: true;
}

interface PlainText {
  readonly type: 'plain_text';
  readonly text: string;
  readonly emoji: false;
}

export interface Button {
  readonly type: 'button';
  readonly text: PlainText;
  readonly action_id: string;
  /** Left out for a link. */
  readonly value?: string;
  readonly url?: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: Confirm;
}

/** Asks “are you sure?” before a click counts. */
interface Confirm {
  readonly title: PlainText;
  readonly text: PlainText;
  readonly confirm: PlainText;
  readonly deny: PlainText;
}

export type Block =
  | { readonly type: 'header'; readonly text: PlainText }
  | { readonly type: 'section'; readonly text: Markdown }
  | { readonly type: 'section'; readonly fields: readonly Markdown[] }
  | { readonly type: 'context'; readonly elements: readonly Markdown[] }
  | { readonly type: 'actions'; readonly elements: readonly Button[] };

/** A title, cut to the length that Slack takes. */
export function header(text: string): Block {
  return { type: 'header', text: plainText(text, longestHeader) };
}

/** A section of markup that is escaped and short enough already; none for no text. */
export function section(markup: string): Block[] {
  return markup === '' ? [] : [{ type: 'section', text: markdown(markup) }];
}

/** How much markup a section may hold that takes up at most `max` of the message. */
export function sectionRoom(max: number): number {
  return Math.min(max - sizeOf(section(' ')) + 1, longestSection);
}

/** A line in small print, likewise. */
export function context(markup: string): Block[] {
  return markup === '' ? [] : [{ type: 'context', elements: [markdown(markup)] }];
}

/** Short pieces of markup in two columns, in as many sections as they need. */
export function fields(markups: readonly string[]): Block[] {
  const blocks: Block[] = [];
  for (let start = 0; start < markups.length; start += maxFields) {
    const some = markups.slice(start, start + maxFields);
    blocks.push({ type: 'section', fields: some.map(markdown) });
  }
  return blocks;
}

/**
 * A button; its label is cut to the length that Slack takes.
 *
 * @param options.confirm what a person is to confirm; left out, one click does it
 */
export function button(options: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly style: 'primary' | 'danger' | undefined;
  readonly confirm?: string | undefined;
}): Button {
  const { id, label, value, style, confirm } = options;
  return {
    type: 'button',
    text: plainText(label || id, longestButton),
    action_id: id,
    value,
    ...(style === undefined ? {} : { style }),
    ...(confirm === undefined ? {} : { confirm: confirmation(label || id, confirm) }),
  };
}

/** A button that opens an address; Slack tells us of the click all the same. */
export function linkButton(id: string, label: string, url: string): Button {
  return { type: 'button', text: plainText(label, longestButton), action_id: id, url };
}

function confirmation(label: string, text: string): Confirm {
  return {
    title: plainText(`${label}?`, longestConfirmTitle),
    text: plainText(text, longestConfirmText),
    confirm: plainText('Yes', longestConfirmButton),
    deny: plainText('No', longestConfirmButton),
  };
}

function markdown(text: string): Markdown {
  return { type: 'mrkdwn', text, verbatim: true };
}

function plainText(text: string, max: number): PlainText {
  return { type: 'plain_text', text: plain(text, max) || '…', emoji: false };
}
