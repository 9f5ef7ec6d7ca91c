import type { Labels } from '../alertmanager/alert.js';
import type { Piece } from '../alertmanager/regex-pieces.js';

/** Numbers by a text, and how long these texts are. */
interface ByText {
  readonly numbers: Map<string, number[]>;
  readonly lengths: Set<number>;
}

/** Numbers, found by what a label says, or by what that begins or ends with. */
export interface LabelIndex {
  add(name: string, piece: Piece, number: number): void;
  /** All that were added for the very same. */
  get(name: string, piece: Piece): readonly number[];
  /** All that the labels fulfil, as lists in the order in which they were added. */
  find(labels: Labels): (readonly number[])[];
}

const none: readonly number[] = [];

export function createLabelIndex(): LabelIndex {
  const labelled = new Map<string, Readonly<Record<Piece['at'], ByText>>>();

  function of(name: string) {
    const known = labelled.get(name);
    if (known !== undefined) return known;
    const created = { whole: byText(), start: byText(), end: byText() };
    labelled.set(name, created);
    return created;
  }

  return {
    add(name, { text, at }, number) {
      const { numbers, lengths } = of(name)[at];
      const known = numbers.get(text);
      if (known === undefined) numbers.set(text, [number]);
      else known.push(number);
      lengths.add(text.length);
    },

    get: (name, { text, at }) => labelled.get(name)?.[at].numbers.get(text) ?? none,

    find(labels) {
      const found: (readonly number[])[] = [];
      const add = (numbers: readonly number[] | undefined) => {
        if (numbers !== undefined) found.push(numbers);
      };
      for (const name of Object.keys(labels)) {
        const label = labelled.get(name);
        if (label === undefined) continue;
        const { whole, start, end } = label;
        const value = labels[name] ?? '';
        add(whole.numbers.get(value));
        for (const length of start.lengths) {
          if (length <= value.length) add(start.numbers.get(value.slice(0, length)));
        }
        for (const length of end.lengths) {
          if (length <= value.length) add(end.numbers.get(value.slice(-length)));
        }
      }
      return found;
    },
  };
}

function byText(): ByText {
  return { numbers: new Map(), lengths: new Set() };
}
