import { type RegexAutomaton, regexAutomaton } from './regex-automaton.js';

/** What a text is, or begins or ends with. */
export interface Piece {
  readonly text: string;
  readonly at: 'whole' | 'start' | 'end';
}

/** More keys of an index are not worth it: an expression has at most so many pieces, each so long. */
const most = 64;
const longest = 48;

/**
 * By what the texts can be found that an RE2 expression takes as a whole: each of them has one of these
 * pieces, and never two. `undefined` where they need not have anything in common.
 */
export function piecesOf(pattern: string): readonly Piece[] | undefined {
  const automaton = regexAutomaton(pattern);
  if (automaton === undefined) return undefined;
  const starts = startsOf(automaton);
  if (!starts.some(({ text }) => text === '')) return starts;
  const ending = automaton.ending().slice(-longest);
  return ending === '' ? undefined : [{ text: ending, at: 'end' }];
}

/** All texts, as far as they are few: those that go on are cut where they may go on in many ways. */
function startsOf(automaton: RegexAutomaton): readonly Piece[] {
  const found: Piece[] = [];
  let open = [{ state: automaton.start, text: '' }];
  for (let length = 0; open.length > 0; length += 1) {
    const ends: Piece[] = [];
    const longer: typeof open = [];
    for (const { state, text } of open) {
      const own = automaton.key(state);
      const next = automaton.next(state)?.map((char) => ({
        state: automaton.step(state, char),
        text: text + String.fromCodePoint(char),
      }));
      if (next === undefined || next.some((each) => automaton.key(each.state) === own)) {
        ends.push({ text, at: 'start' });
        continue;
      }
      if (automaton.accepts(state)) ends.push({ text, at: 'whole' });
      longer.push(...next);
    }
    const isTooMuch = length === longest || found.length + ends.length + longer.length > most;
    found.push(...(isTooMuch ? open.map(({ text }) => ({ text, at: 'start' as const })) : ends));
    open = isTooMuch ? [] : longer;
  }
  return found;
}
