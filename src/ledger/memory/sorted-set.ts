/** A sorted set as Redis has them: members in the order of their scores, those of one score by name. */
export type SortedSet = ReturnType<typeof createSortedSet>;

interface Entry {
  readonly member: string;
  readonly score: number;
}

/** The most entries of a block; finding and moving within one costs next to nothing. */
const maxInBlock = 256;

/** The entries lie in order, in blocks that split when they are full: what a change moves stays small. */
export function createSortedSet() {
  const entries = new Map<string, Entry>();
  const blocks: Entry[][] = [[]];

  /** The block that an entry of this place is in, or belongs into. */
  function blockOf(score: number, member: string): number {
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const last = blocks[middle]?.at(-1);
      if (last !== undefined && isBefore(last, score, member)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Where in a block the first entry lies that does not come before this place. */
  function placeIn(block: readonly Entry[], score: number, member: string): number {
    let low = 0;
    let high = block.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isBefore(block[middle] as Entry, score, member)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function set(member: string, score: number): void {
    const known = entries.get(member);
    if (known?.score === score) return;
    if (known !== undefined) remove(member);
    const entry = { member, score };
    entries.set(member, entry);
    const index = blockOf(score, member);
    const block = blocks[index] as Entry[];
    block.splice(placeIn(block, score, member), 0, entry);
    if (block.length > maxInBlock) blocks.splice(index + 1, 0, block.splice(maxInBlock / 2));
  }

  /** `false`: there was no such member. */
  function remove(member: string): boolean {
    const known = entries.get(member);
    if (known === undefined) return false;
    entries.delete(member);
    const index = blockOf(known.score, member);
    const block = blocks[index] as Entry[];
    block.splice(placeIn(block, known.score, member), 1);
    if (block.length === 0 && blocks.length > 1) blocks.splice(index, 1);
    return true;
  }

  /** At most so many entries whose score is above `min` and at most `max`, lowest first. */
  function above(
    min: number,
    max = Number.POSITIVE_INFINITY,
    most = Number.POSITIVE_INFINITY,
  ): Entry[] {
    const found: Entry[] = [];
    let index = blockOf(min, lastName);
    let place = placeIn(blocks[index] as Entry[], min, lastName);
    for (; index < blocks.length; index += 1, place = 0) {
      const block = blocks[index] as Entry[];
      for (; place < block.length; place += 1) {
        const entry = block[place] as Entry;
        if (entry.score > max || found.length >= most) return found;
        found.push(entry);
      }
    }
    return found;
  }

  function countAbove(min: number): number {
    let index = blockOf(min, lastName);
    let count = -placeIn(blocks[index] as Entry[], min, lastName);
    for (; index < blocks.length; index += 1) count += blocks[index]?.length ?? 0;
    return count;
  }

  return {
    set,
    remove,
    above,
    countAbove,
    score: (member: string): number | undefined => entries.get(member)?.score,
    first: (): Entry | undefined => blocks[0]?.[0],
    get size() {
      return entries.size;
    },
  };
}

/** Comes after every member there is, so that a place with it is the end of its score. */
const lastName = '\uffff\uffff';

function isBefore(entry: Entry, score: number, member: string): boolean {
  return entry.score < score || (entry.score === score && entry.member < member);
}
