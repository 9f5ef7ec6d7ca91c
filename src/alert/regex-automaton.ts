import { RE2JS } from 're2js';

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

/** The places in the program where a thread may stand, and the character before them. */
interface RegexState {
  readonly places: readonly number[];
  readonly before: Side;
}

/** What a character means to `^`, `$` and `\b`; `none` is the begin or the end of the text. */
type Side = 'none' | 'newline' | 'word' | 'other';

/** One instruction of a program of RE2. */
interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
  matchRune(char: number): boolean;
}

/** RE2's instructions (re2js, Inst; as in Go's regexp/syntax). */
const op = {
  alternative: 1,
  alternativeMatch: 2,
  capture: 3,
  emptyWidth: 4,
  fail: 5,
  match: 6,
  nothing: 7,
  rune: 8,
  rune1: 9,
  anyRune: 10,
  anyButNewline: 11,
};
const newline = 10;
const lastChar = 0x10ffff;
/** Letters of ASCII are written with these too where case does not count: ſ and the Kelvin sign. */
const folded: readonly number[] = [0x17f, 0x212a];

/**
 * The automaton of an RE2 expression that has to match the whole text; `undefined` where the program
 * that the library compiles holds something that is not known here.
 */
export function regexAutomaton(pattern: string): Automaton<RegexState> | undefined {
  const program = programOf(pattern);
  if (program === undefined) return undefined;
  const { instructions, start } = program;
  const at = (place: number) => instructions[place] as Instruction;

  const open = ({ places, before }: RegexState, after: Side): Set<number> => {
    const reached = new Set<number>();
    const pending = [...places];
    for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
      if (reached.has(place)) continue;
      reached.add(place);
      const { op: kind, out, arg } = at(place);
      if (kind === op.alternative || kind === op.alternativeMatch) pending.push(out, arg);
      else if (kind === op.capture || kind === op.nothing) pending.push(out);
      else if (kind === op.emptyWidth && (arg & ~assertionsAt(before, after)) === 0) {
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
      for (const place of open(state, sideOf(char))) {
        if (takes(at(place), char)) next.add(at(place).out);
      }
      return { places: [...next].sort((a, b) => a - b), before: sideOf(char) };
    },
    accepts: (state) => [...open(state, 'none')].some((place) => at(place).op === op.match),
    samples: instructions.flatMap(edgesOf),
    classOf: (char) =>
      instructions.map((each) => (takes(each, char) ? 1 : 0)).join('') + sideOf(char),
  };
}

function programOf(
  pattern: string,
): { readonly instructions: readonly Instruction[]; readonly start: number } | undefined {
  const { re2Input } = RE2JS.compile(`^(?:${pattern})$`) as unknown as {
    re2Input?: { prog?: { inst?: Instruction[]; start?: number } };
  };
  const { inst: instructions, start } = re2Input?.prog ?? {};
  if (instructions === undefined || start === undefined) return undefined;
  const known = Object.values(op);
  const isKnown = ({ op: kind, arg, runes }: Instruction) =>
    known.includes(kind) && !(runes.length === 1 && (arg & 1) === 1 && Number(runes[0]) > 127);
  return instructions.every(isKnown) ? { instructions, start } : undefined;
}

function takes(instruction: Instruction, char: number): boolean {
  switch (instruction.op) {
    case op.rune:
    case op.rune1:
      return instruction.matchRune(char);
    case op.anyRune:
      return true;
    case op.anyButNewline:
      return char !== newline;
    default:
      return false;
  }
}

/** The characters at which an instruction changes its mind. */
function edgesOf({ op: kind, runes }: Instruction): number[] {
  if (kind !== op.rune && kind !== op.rune1) return [];
  const all = Array.from(runes);
  const cases = all.length === 1 ? all.flatMap(bothCases) : [];
  return [...all.flatMap((char) => [char - 1, char, char + 1]), ...cases, ...folded].filter(
    (char) => char >= 0 && char <= lastChar && !(char >= 0xd800 && char <= 0xdfff),
  );
}

function bothCases(char: number): number[] {
  const text = String.fromCodePoint(char);
  return [text.toLowerCase(), text.toUpperCase()].map((each) => each.codePointAt(0) ?? char);
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
