import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js';

/** A compiled regular expression: whether it matches a text. */
export type Regex = (text: string) => boolean;

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
  if (anchored.size === mostAnchored) anchored.clear();
  anchored.set(pattern, regex);
  return regex;
}

/** Thousands of playbooks hold few expressions: `warning|critical` again and again. */
const anchored = new Map<string, Regex>();
const mostAnchored = 1_000;

function compile(source: string, pattern: string): Regex {
  try {
    const regex = RE2JS.compile(source);
    return remembering((text) => regex.test(text));
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const cause = error instanceof RE2JSSyntaxException ? error.getDescription() : error.message;
    throw new RegexError(`${JSON.stringify(pattern)} is no RE2 regular expression: ${cause}`);
  }
}

const mostRemembered = 32;
const longestRemembered = 64;

/** Labels with few values come again and again: the first answers are kept, at most some kilobytes an expression. */
function remembering(test: Regex): Regex {
  const answers = new Map<string, boolean>();
  return (text) => {
    const known = answers.get(text);
    if (known !== undefined) return known;
    const answer = test(text);
    if (answers.size < mostRemembered && text.length <= longestRemembered) {
      answers.set(text, answer);
    }
    return answer;
  };
}
