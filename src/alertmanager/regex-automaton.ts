import {
  edgesOf,
  endingOf,
  fewTakenBy,
  type Instruction,
  op,
  programOf,
  takes,
} from './regex-program.js';

/** Reads a text one character at a time; what it knows so far is a state. */
export interface Automaton<State> {
  readonly start: State;
  /** Two states with one key behave alike. */
  key(state: State): string;
  step(state: State, char: number): State;
  /** Whether the text read so far is taken as a whole. */
  accepts(state: State): boolean;
  /** Characters of which at least one stands for any character there is. */
  readonly samples: readonly number[];
  /** Two characters of one class lead from every state to the same one. */
  classOf(char: number): string;
}

/** The automaton of a regular expression. */
export interface RegexAutomaton extends Automaton<RegexState> {
  /** The characters that may come next if the whole text is to be taken; `undefined` where they are many. */
  next(state: RegexState): readonly number[] | undefined;
  /** With what every text that is taken surely ends; empty where that may be anything. */
  ending(): string;
}

/** The places in the program where a thread may stand, and the character before them. */
interface RegexState {
  readonly places: readonly number[];
  readonly before: Side;
}

/** What a character means to `^`, `$` and `\b`; `none` is the begin or the end of the text. */
type Side = 'none' | 'newline' | 'word' | 'other';

const newline = 10;
const everyAssertion = 63;
/**
 * The automaton of an RE2 expression that has to match the whole text; `undefined` where the program
 * that the library compiles holds something that is not known here.
 */
export function regexAutomaton(pattern: string): RegexAutomaton | undefined {
  const program = programOf(pattern);
  if (program === undefined) return undefined;
  const { instructions, start } = program;
  const at = (place: number) => instructions[place] as Instruction;

  const open = ({ places }: RegexState, assertions: number): Set<number> => {
    const reached = new Set<number>();
    const pending = [...places];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      if (reached.has(place)) continue;
      reached.add(place);
      const { op: kind, out, arg } = at(place);
      if (kind === op.alternative || kind === op.alternativeMatch) pending.push(out, arg);
      else if (kind === op.capture || kind === op.nothing) pending.push(out);
      else if (kind === op.emptyWidth && (arg & ~assertions) === 0) {
        pending.push(out);
      }
    }
    return reached;
  };

  return {
    start: { places: [start], before: 'none' },
    key: ({ places, before }) => `${before} ${places.join()}`,
    step(state, char) {
      const next = new Set<number>();
      for (const place of open(state, assertionsAt(state.before, sideOf(char)))) {
        if (takes(at(place), char)) next.add(at(place).out);
      }
      return { places: [...next].sort((a, b) => a - b), before: sideOf(char) };
    },
    accepts: (state) =>
      [...open(state, assertionsAt(state.before, 'none'))].some(
        (place) => at(place).op === op.match,
      ),
    next(state) {
      const chars = new Set<number>();
      for (const place of open(state, everyAssertion)) {
        const some = fewTakenBy(at(place));
        if (some === undefined) return undefined;
        for (const char of some) chars.add(char);
      }
      return [...chars];
    },
    ending: () => endingOf(instructions),
    samples: instructions.flatMap(edgesOf),
    classOf: (char) =>
      instructions.map((each) => (takes(each, char) ? 1 : 0)).join('') + sideOf(char),
  };
}

function sideOf(char: number): Side {
  if (char === newline) return 'newline';
  return /\w/.test(String.fromCodePoint(char)) ? 'word' : 'other';
}

/** The assertions that hold between two characters: bits of RE2 for ^ $ (of a line, of the text), \b and \B. */
function assertionsAt(before: Side, after: Side): number {
  const line =
    (before === 'none' || before === 'newline' ? 1 : 0) |
    (after === 'none' || after === 'newline' ? 2 : 0);
  const text = (before === 'none' ? 4 : 0) | (after === 'none' ? 8 : 0);
  return line | text | ((before === 'word') !== (after === 'word') ? 16 : 32);
}
