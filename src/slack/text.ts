/*
 * Alerts' own words on their way into a Slack message. Anyone who can make an alert chooses them, so
 * they are cleaned, escaped and cut before anything else is done with them.
 */

import { visible } from '../lib/visible.js';

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** What Slack's markup gives a meaning to. (docs.slack.dev, Formatting message text: escaping text) */
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Text for a `mrkdwn` object: no mention and no link comes alive. At most `max` characters, "…" included. */
export function mrkdwn(text: string, max: number): string {
  return cut(defused(cleaned(text)), max, escaped);
}

/** Text for a `plain_text` object, in one line. At most `max` characters, "…" included. */
export function plain(text: string, max: number): string {
  return cut(defused(inOneLine(cleaned(text))), max, (segment) => segment);
}

/** Text exactly as it is, between backticks, in one line. At most `max` characters, all included. */
export function code(text: string, max: number): string {
  const inner = inOneLine(cleaned(text)).replaceAll('`', 'ˋ');
  return inner === '' ? '_empty_' : `\`${cut(defused(inner), max - 2, escaped)}\``;
}

/** Lines exactly as they are, in a block of code. At most `max` characters, all included. */
export function codeBlock(text: string, max: number): string {
  const inner = cleaned(text).replaceAll('```', 'ˋˋˋ').trimEnd();
  return `\`\`\`\n${cut(defused(inner), max - lengthOf('```\n\n```'), escaped)}\n\`\`\``;
}

/** Bold `mrkdwn` text, in one line. At most `max` characters, all included. */
export function bold(text: string, max: number): string {
  return `*${mrkdwn(inOneLine(text).replaceAll('*', '∗'), max - 2)}*`;
}

/**
 * How much of a message something takes up: its characters as JSON. Slack does not say whether it
 * counts text before or after escaping, and this is never less than either.
 */
export function sizeOf(value: unknown): number {
  return JSON.stringify(value).length;
}

/** Calls a person (`U…`, `W…`) or a user group (`S…`) by Slack's id; nothing for what is none. */
export function mention(id: string): string {
  if (/^[UW][A-Z0-9]+$/.test(id)) return `<@${id}>`;
  return /^S[A-Z0-9]+$/.test(id) ? `<!subteam^${id}>` : '';
}

/** A point in time, shown in each reader's own time zone. */
export function dateToken(atMs: number): string {
  const fallback = `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(atMs / 1000)}^{date_short_pretty} at {time}|${fallback}>`;
}

/** Whole lines for as long as they fit; `left` says what stands in place of those that do not. */
export function linesWithin(
  lines: readonly string[],
  max: number,
  left: (count: number) => string,
  separator = '\n',
): string {
  const kept: string[] = [];
  const joined = (last: readonly string[]) => [...kept, ...last].join(separator);
  for (const [index, line] of lines.entries()) {
    const others = lines.length - index - 1;
    const rest = others === 0 ? [] : [left(others)];
    if (lengthOf(joined([line, ...rest])) > max) {
      const end = joined([left(others + 1)]);
      return lengthOf(end) > max ? joined([]) : end;
    }
    kept.push(line);
  }
  return joined([]);
}

/** Characters as JSON, without the quotes around them. */
function lengthOf(text: string): number {
  return sizeOf(text) - 2;
}

/** What cannot be shown, or makes text look like other text, is escaped: half characters, controls, changes of direction. */
function cleaned(text: string): string {
  return visible(text.replace(/\r\n?/g, '\n').replace(/\p{Surrogate}/gu, '\u{FFFD}'), '\n\t');
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Mentions are broken up even where Slack is told not to look for any: no one is woken by a label. */
function defused(text: string): string {
  return text
    .replace(/@(?=(?:channel|here|everyone)\b)/gi, '@\u{2060}')
    .replace(/<(?=[!@#])/g, '<\u{2060}');
}

function escaped(segment: string): string {
  return segment.replace(/[&<>]/g, (character) => entities[character] ?? character);
}

/** Cuts between characters as people see them, never within one and never within an entity. */
function cut(text: string, max: number, encode: (segment: string) => string): string {
  let whole = '';
  let length = 0;
  let shortened = '';
  // No encoding makes text shorter, so what is beyond `max` is never shown.
  for (const { segment } of segmenter.segment(text.slice(0, max + 1))) {
    const next = encode(segment);
    length += lengthOf(next);
    if (length > max) return `${shortened.trimEnd()}…`;
    whole += next;
    if (length < max) shortened = whole;
  }
  return whole;
}
