import { RE2JS } from 're2js';

/** One instruction of a program of RE2 (re2js, Inst; as in Go's regexp/syntax). */
export interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: ArrayLike<number>;
  matchRune(char: number): boolean;
}

/** The kinds of instructions. */
export const op = {
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
const maxNext = 32;
const lastChar = 0x10ffff;
/** Letters of ASCII are written with these too where case does not count: ſ and the Kelvin sign. */
const folded: readonly number[] = [0x17f, 0x212a];

/**
 * The program of an expression that has to match the whole text; `undefined` where it need not, or holds
 * something that is not known here.
 */
export function programOf(
  pattern: string,
): { readonly instructions: readonly Instruction[]; readonly start: number } | undefined {
  if (!isWhole(pattern)) return undefined;
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

/** Whether it is an expression by itself: between `^(?:` and `)$`, `a)|(?:b` has to match no whole text. */
function isWhole(pattern: string): boolean {
  if (!pattern.includes(')')) return true;
  try {
    RE2JS.compile(pattern);
    return true;
  } catch {
    return false;
  }
}

/** Whether an instruction takes a character. */
export function takes(instruction: Instruction, char: number): boolean {
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

/** The characters that an instruction takes; `undefined` where they are many. */
export function fewTakenBy(instruction: Instruction): readonly number[] | undefined {
  const { op: kind, runes } = instruction;
  if (kind === op.anyRune || kind === op.anyButNewline) return undefined;
  if (!isRune(instruction)) return [];
  const [first = 0, last = first] = Array.from(runes);
  if (runes.length === 1) {
    const cases = new Set([first, ...bothCases(first), ...folded]);
    return [...cases].filter((char) => takes(instruction, char));
  }
  if (runes.length > 2 || last - first >= maxNext) return undefined;
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** The characters before the end to which a single way leads. */
export function endingOf(instructions: readonly Instruction[]): string {
  const matches = instructions.filter(({ op: kind }) => kind === op.match);
  let text = '';
  let at = matches.length === 1 ? matches[0] : undefined;
  for (let steps = 0; at !== undefined && steps < instructions.length; steps += 1) {
    const place = instructions.indexOf(at);
    const [before, another] = instructions.filter((each) => leadsTo(each, place));
    const isFork = before?.op === op.alternative || before?.op === op.alternativeMatch;
    if (before === undefined || another !== undefined || isFork) break;
    const chars = fewTakenBy(before);
    const isOneWay = chars?.length === (isRune(before) ? 1 : 0);
    if (!isOneWay) break;
    text = String.fromCodePoint(...(chars ?? [])) + text;
    at = before;
  }
  return text;
}

function isRune({ op: kind }: Instruction): boolean {
  return kind >= op.rune;
}

function leadsTo({ op: kind, out, arg }: Instruction, place: number): boolean {
  const isFork = kind === op.alternative || kind === op.alternativeMatch;
  return kind !== op.match && kind !== op.fail && (out === place || (isFork && arg === place));
}

/** The characters at which an instruction changes its mind. */
export function edgesOf({ op: kind, runes }: Instruction): number[] {
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
