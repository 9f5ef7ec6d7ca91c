import type { Labels } from '../alert/alert.js';
import type { Matcher } from '../alert/matcher.js';
import type { Playbook } from './playbook.js';

/** Playbooks, found by what an alert says, so that ten thousand of them cost no more than ten. */
export interface Library {
  /** All playbooks, in the order in which they are tried. */
  readonly playbooks: readonly Playbook[];
  readonly longestCooldownMs: number;
  named(name: string): Playbook | undefined;
  /** The playbooks that could match these labels, in order; every playbook that does match is among them. */
  candidates(labels: Labels): readonly Playbook[];
  /** Up to `count` playbooks that do not match but might have been meant: those that share a label first. */
  neighbours(labels: Labels, count: number): readonly Playbook[];
}

/** Playbooks by a label's name and value. */
type Index = Map<string, Map<string, number[]>>;

/**
 * Indexes playbooks, given in the order in which they are tried. Each is found by one of its matchers
 * that asks for a certain value (the rarest), else by one that asks for a label to be there at all.
 * Only a playbook with neither is a candidate for every alert.
 */
export function createLibrary(playbooks: readonly Playbook[]): Library {
  const byAnyValue: Index = new Map();
  for (const [order, playbook] of playbooks.entries()) {
    for (const matcher of playbook.match) {
      if (asksForValue(matcher)) add(byAnyValue, matcher.name, matcher.value, order);
    }
  }
  const byValue: Index = new Map();
  const byName = new Map<string, number[]>();
  const always: number[] = [];
  for (const [order, { match }] of playbooks.entries()) {
    const rarest = rarestOf(match, byAnyValue);
    if (rarest !== undefined) {
      add(byValue, rarest.name, rarest.value, order);
      continue;
    }
    const present = match.find((matcher) => !matcher.matches({}));
    if (present !== undefined) push(byName, present.name, order);
    else always.push(order);
  }
  const byPlaybook = new Map(playbooks.map((playbook) => [playbook.name, playbook]));
  const pick = (orders: Iterable<number>) =>
    [...orders].map((order) => playbooks[order] as Playbook);

  return {
    playbooks,
    longestCooldownMs: Math.max(0, ...playbooks.map(({ guards }) => guards.cooldownMs)),
    named: (name) => byPlaybook.get(name),

    candidates(labels) {
      const orders = [...always];
      for (const [name, value] of Object.entries(labels)) {
        orders.push(...find(byValue, name, value), ...(byName.get(name) ?? []));
      }
      return pick(orders.sort((a, b) => a - b));
    },

    neighbours(labels, count) {
      const orders = new Set<number>();
      for (const [name, value] of Object.entries(labels)) {
        for (const order of find(byAnyValue, name, value)) {
          if (orders.size >= count) return pick(orders);
          orders.add(order);
        }
      }
      for (let order = 0; order < playbooks.length && orders.size < count; order += 1) {
        orders.add(order);
      }
      return pick(orders);
    },
  };
}

/** Whether only one value of a label will do; the empty one is no value, as the label may be missing. */
function asksForValue({ op, value }: Matcher): boolean {
  return op === '=' && value !== '';
}

/** Of the matchers that ask for a certain value, the one that the fewest playbooks have. */
function rarestOf(match: readonly Matcher[], byAnyValue: Index): Matcher | undefined {
  let rarest: Matcher | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const matcher of match) {
    const count = asksForValue(matcher)
      ? find(byAnyValue, matcher.name, matcher.value).length
      : least;
    if (count >= least) continue;
    rarest = matcher;
    least = count;
  }
  return rarest;
}

function add(index: Index, name: string, value: string, order: number): void {
  let values = index.get(name);
  if (values === undefined) {
    values = new Map();
    index.set(name, values);
  }
  push(values, value, order);
}

function push(map: Map<string, number[]>, key: string, order: number): void {
  const orders = map.get(key);
  if (orders === undefined) map.set(key, [order]);
  else orders.push(order);
}

function find(index: Index, name: string, value: string): readonly number[] {
  return index.get(name)?.get(value) ?? [];
}
