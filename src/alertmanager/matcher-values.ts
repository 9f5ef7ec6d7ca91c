import type { Matcher } from './matcher.js';
import { type Automaton, regexAutomaton } from './regex-automaton.js';

/** Whether there is a value that fulfils some matchers; `undecided` where finding out takes too long. */
export type FoundValue =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'undecided' };

/** What the search may look at before it gives up. */
const maxStates = 2000;
const maxSamples = 4000;
/** Characters that make a readable example; one of each kind that an expression may tell apart. */
const readable = [...'abcxyz019_-. A\n'].map((char) => char.charCodeAt(0));

// biome-ignore lint/suspicious/noExplicitAny: the state of each automaton is its own affair
type AnyAutomaton = Automaton<any>;

/**
 * Finds a value of one label that fulfils all of its matchers, the empty one (no such label) among
 * them. `none` is certain: the expressions are run as automata, side by side, over every text.
 */
export function findValue(matchers: readonly Pick<Matcher, 'op' | 'value'>[]): FoundValue {
  const exact = matchers.find(({ op }) => op === '=');
  const automata: AnyAutomaton[] = [];
  for (const { op, value } of matchers) {
    const automaton = op.endsWith('~') ? regexAutomaton(value) : textAutomaton(value);
    if (automaton === undefined) return { kind: 'undecided' };
    automata.push(automaton);
  }
  const fulfilled = (states: readonly unknown[]) =>
    automata.every((automaton, index) => {
      const wanted = !matchers[index]?.op.startsWith('!');
      return automaton.accepts(states[index]) === wanted;
    });
  const step = (states: readonly unknown[], char: number) =>
    automata.map((automaton, index) => automaton.step(states[index], char));
  const start = automata.map((automaton) => automaton.start as unknown);

  if (exact !== undefined) {
    const end = [...exact.value].reduce(
      (states, char) => step(states, char.codePointAt(0) ?? 0),
      start,
    );
    return fulfilled(end) ? { kind: 'value', value: exact.value } : { kind: 'none' };
  }

  const alphabet = alphabetOf(automata);
  if (alphabet === undefined) return { kind: 'undecided' };
  const keyOf = (states: readonly unknown[]) =>
    automata.map((automaton, index) => automaton.key(states[index])).join(';');
  const seen = new Set([keyOf(start)]);
  const pending = [{ states: start, value: '' }];
  for (const { states, value } of pending) {
    if (fulfilled(states)) return { kind: 'value', value };
    for (const char of alphabet) {
      const next = step(states, char);
      const key = keyOf(next);
      if (seen.has(key)) continue;
      if (seen.size >= maxStates) return { kind: 'undecided' };
      seen.add(key);
      pending.push({ states: next, value: value + String.fromCodePoint(char) });
    }
  }
  return { kind: 'none' };
}

/** What was found out about regular expressions: thousands of playbooks hold few different ones. */
const foundOut = new Map<string, boolean>();
const maxFoundOut = 1_000;

/** Whether some value fulfils all these matchers of one label; also where that cannot be told. */
export function canHold(matchers: readonly Pick<Matcher, 'op' | 'value'>[]): boolean {
  const [only] = matchers;
  if (only === undefined || (matchers.length === 1 && !only.op.endsWith('~'))) return true;
  const key = JSON.stringify(matchers.map(({ op, value }) => [op, value]));
  const known = foundOut.get(key);
  if (known !== undefined) return known;
  const can = findValue(matchers).kind !== 'none';
  if (foundOut.size === maxFoundOut) foundOut.clear();
  foundOut.set(key, can);
  return can;
}

/** One character for each class of those that all automata treat alike. */
function alphabetOf(automata: readonly AnyAutomaton[]): readonly number[] | undefined {
  const samples = new Set([...readable, ...automata.flatMap(({ samples }) => samples)]);
  if (samples.size > maxSamples) return undefined;
  const classes = new Map<string, number>();
  for (const char of samples) {
    const name = automata.map((automaton) => automaton.classOf(char)).join(';');
    if (!classes.has(name)) classes.set(name, char);
  }
  return [...classes.values()];
}

/** Takes one text only. Its state counts the characters that were right; -1 after a wrong one. */
function textAutomaton(text: string): Automaton<number> {
  const chars = [...text].map((char) => char.codePointAt(0) ?? 0);
  const samples = [...new Set(chars)];
  return {
    start: 0,
    key: String,
    step: (count, char) => (count >= 0 && chars[count] === char ? count + 1 : -1),
    accepts: (count) => count === chars.length,
    samples,
    classOf: (char) => String(samples.indexOf(char)),
  };
}
