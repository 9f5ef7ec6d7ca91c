import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';

/** A compiled regular expression: whether it matches a text. */
export interface Regex {
  (text: string): boolean;
  /** Instructions of its program: a match takes time by their number and the length of the text. */
  readonly programSize: number;
}

/** A regular expression that RE2 does not take. The message says what is wrong with it. */
export class RegexError extends Error {
  override readonly name = 'RegexError';
}

/**
 * Compiles an RE2 expression that has to match somewhere in a text, in time linear in its length.
 *
 * @throws RegexError if RE2 does not take the expression.
 */
export function compileRegex(pattern: string): Regex {
  return compile(pattern, pattern);
}

/**
 * Compiles an RE2 expression that has to match the whole text, anchored as Alertmanager anchors
 * those of its matchers: `^(?:…)$`.
 *
 * @throws RegexError if RE2 does not take the expression.
 */
export function compileAnchoredRegex(pattern: string): Regex {
  const known = anchored.get(pattern);
  if (known !== undefined) return known;
  const regex = compile(`^(?:${pattern})$`, pattern);
  if (anchored.size === maxAnchored) anchored.clear();
  anchored.set(pattern, regex);
  return regex;
}

/** Thousands of playbooks hold few expressions: `warning|critical` again and again. */
const anchored = new Map<string, Regex>();
const maxAnchored = 1_000;

/** Instructions that a program may have, at a guess; compiling 20,000 takes about 0.05 s. */
const maxProgramSize = 20_000;

function compile(source: string, pattern: string): Regex {
  if (sizeAtMost(pattern) > maxProgramSize) {
    const start = JSON.stringify(pattern.slice(0, 40));
    throw new RegexError(
      `the regular expression ${start} is too large; expected fewer or smaller repetitions`,
    );
  }
  try {
    const regex = RE2JS.compile(source);
    const matches = remembering((text) => regex.test(text));
    return Object.assign(matches, { programSize: regex.programSize() });
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const cause = error instanceof RE2JSSyntaxException ? error.getDescription() : error.message;
    throw new RegexError(`${JSON.stringify(pattern)} is not an RE2 regular expression: ${cause}`);
  }
}

/** The size of a program, or more: each repetition (`{3}`, `{1,200}`) copies what it repeats. */
function sizeAtMost(pattern: string): number {
  let size = pattern.length;
  for (const { index, 1: least, 2: most } of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g)) {
    const isGroup = pattern[index - 1] === ')';
    size += Number(most || least) * (isGroup ? pattern.length : 1);
  }
  return size;
}

const maxRemembered = 32;
const longestRemembered = 64;

/** Labels with few values come again and again: the first answers are kept, at most some kilobytes an expression. */
function remembering(test: (text: string) => boolean): (text: string) => boolean {
  const answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = test(text);
    if (answers.size < maxRemembered && text.length <= longestRemembered) {
      answers.set(text, answer);
    }
    return answer;
  };
}
