import type { Labels } from '../alertmanager/alert.js';
import type { Matcher } from '../alertmanager/matcher.js';
import { type Piece, piecesOf } from '../alertmanager/regex-pieces.js';
import { allAtOnce, type Steps } from '../lib/steps.js';
import { createLabelIndex, type LabelIndex } from './label-index.js';
import type { Playbook } from './playbook.js';

/** Playbooks, found by what an alert says, so that ten thousand of them cost no more than ten. */
export interface Library {
  /** All playbooks, in the order in which they are tried. */
  readonly playbooks: readonly Playbook[];
  readonly maxCooldownMs: number;
  named(name: string): Playbook | undefined;
  /** The playbooks that could match these labels, in order; every playbook that does match is among them. */
  candidates(labels: Labels): readonly Playbook[];
  /** Up to `count` playbooks that ask for one of these labels as it is, and might have been meant: by the rarest first. */
  neighbours(labels: Labels, count: number): readonly Playbook[];
}

/** By what a playbook is found: one of its matchers, and the pieces of which its label has one. */
interface Key {
  readonly name: string;
  readonly pieces: readonly Piece[];
}

/** Where no more playbooks than this share a value, it is not worth looking for a better key. */
const few = 8;
const playbooksAStep = 50;

/** Indexes playbooks, given in the order in which they are tried. */
export function createLibrary(playbooks: readonly Playbook[]): Library {
  return allAtOnce(indexPlaybooks(playbooks));
}

/**
 * The same, some playbooks a step. Each is found by one of its matchers: the one that the fewest share
 * of those that ask for a value or (an expression) for a piece of it, else one that asks for a
 * label to be there at all. Only a playbook with neither is a candidate for every alert.
 */
export function* indexPlaybooks(playbooks: readonly Playbook[]): Steps<Library> {
  const values = createLabelIndex();
  for (const [order, { match }] of playbooks.entries()) {
    if (order % playbooksAStep === 0) yield;
    for (const { name, op, value } of match) {
      if (op === '=' && value !== '') values.add(name, { text: value, at: 'whole' }, order);
    }
  }

  // what many share is no key as long as there is a better one
  const crowded = createLabelIndex();
  const keys: Key[][] = [];
  const readPieces = remembered(piecesOf);
  for (const [order, { match }] of playbooks.entries()) {
    if (order % playbooksAStep === 0) yield;
    const exact = match.flatMap(exactKey);
    const isEnough = exact.some((key) => crowdOf(key, values) <= few);
    keys[order] = isEnough
      ? exact
      : [...exact, ...match.flatMap((one) => expressionKey(one, readPieces))];
    if (isEnough) continue;
    for (const { name, pieces } of keys[order]) {
      for (const piece of pieces) crowded.add(name, piece, order);
    }
  }

  const byLabel = createLabelIndex();
  const byName = new Map<string, number[]>();
  const always: number[] = [];
  for (const [order, { match }] of playbooks.entries()) {
    if (order % playbooksAStep === 0) yield;
    const key = rarestOf(keys[order] ?? [], [values, crowded]);
    if (key !== undefined) {
      for (const piece of key.pieces) byLabel.add(key.name, piece, order);
      continue;
    }
    const present = match.find((matcher) => !matcher.matches({}));
    if (present === undefined) always.push(order);
    else byName.set(present.name, pushed(byName.get(present.name), order));
  }
  const byPlaybook = new Map(playbooks.map((playbook) => [playbook.name, playbook]));
  const pick = (orders: readonly number[]) => orders.map((order) => playbooks[order] as Playbook);

  return {
    playbooks,
    maxCooldownMs: playbooks.reduce((most, { guards }) => Math.max(most, guards.cooldownMs), 0),
    named: (name) => byPlaybook.get(name),

    candidates(labels) {
      const lists = byLabel.find(labels);
      for (const name of byName.size === 0 ? [] : Object.keys(labels)) {
        const named = byName.get(name);
        if (named !== undefined) lists.push(named);
      }
      return pick(lists.reduce(merged, always));
    },

    neighbours(labels, count) {
      const sharing = Object.entries(labels)
        .map(([name, text]) => values.get(name, { text, at: 'whole' }))
        .filter((orders) => orders.length > 0)
        .sort((a, b) => a.length - b.length);
      const near = new Set<Playbook>();
      for (const orders of sharing) {
        for (const order of orders) {
          if (near.size >= count) return [...near];
          near.add(playbooks[order] as Playbook);
        }
      }
      return [...near];
    },
  };
}

/** The empty value is none: the label may be missing. */
function exactKey({ name, op, value }: Matcher): Key[] {
  return op === '=' && value !== '' ? [{ name, pieces: [{ text: value, at: 'whole' }] }] : [];
}

function expressionKey(matcher: Matcher, read: typeof piecesOf): Key[] {
  if (matcher.op !== '=~') return [];
  const pieces = read(matcher.value);
  return pieces === undefined ? [] : [{ name: matcher.name, pieces }];
}

/** How many playbooks an alert would have to look at that is found by this key, at most. */
function crowdOf({ name, pieces }: Key, index: LabelIndex): number {
  return pieces.reduce((most, piece) => Math.max(most, index.get(name, piece).length), 0);
}

function rarestOf(keys: readonly Key[], indexes: readonly LabelIndex[]): Key | undefined {
  let rarest: Key | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const key of keys) {
    const crowd = Math.max(...indexes.map((index) => crowdOf(key, index)));
    if (crowd >= least) continue;
    rarest = key;
    least = crowd;
  }
  return rarest;
}

/** Thousands of playbooks hold few different expressions. */
function remembered(read: typeof piecesOf): typeof piecesOf {
  const known = new Map<string, ReturnType<typeof piecesOf>>();
  return (pattern) => {
    if (!known.has(pattern)) known.set(pattern, read(pattern));
    return known.get(pattern);
  };
}

function pushed(orders: number[] | undefined, order: number): number[] {
  if (orders === undefined) return [order];
  orders.push(order);
  return orders;
}

/** Two lists of rising numbers as one. */
function merged(one: readonly number[], other: readonly number[]): readonly number[] {
  if (one.length === 0) return other;
  const all: number[] = [];
  let at = 0;
  for (const number of one) {
    for (let next = other[at]; next !== undefined && next < number; next = other[at]) {
      all.push(next);
      at += 1;
    }
    all.push(number);
  }
  for (; at < other.length; at += 1) all.push(other[at] as number);
  return all;
}
