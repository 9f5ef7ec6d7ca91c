import type { AnyAction } from '../../integrations/contract/action.js';
import type { Run } from '../../ledger/run.js';
import { createTargetReader, type TargetReader } from './resolve.js';

/**
 * What the decisions of one batch share. Of several alerts that would begin the same run, or open the
 * same escalation, the first does, and the others wait for it and join: else they would all try, and
 * all but one fail.
 */
export interface Batch {
  readonly reader: TargetReader;
  /** The runs that are begun, by their join hash; `null`: it came to none. */
  readonly runs: Map<string, Promise<Run | null>>;
  /** The escalations that are opened, by their subject: their ids. */
  readonly escalations: Map<string, Promise<string | null>>;
}

/** For one batch of decisions, or a single one; it is thrown away after it. */
export function createBatch(actions: ReadonlyMap<string, AnyAction>): Batch {
  return { reader: createTargetReader(actions), runs: new Map(), escalations: new Map() };
}

/** How something comes about of which there is to be one in a batch. */
interface Making<T, R> {
  make(): Promise<R>;
  join(first: T): Promise<R>;
  /** What there is to join after it; `null`: nothing. */
  outcome(made: R): T | null;
}

/**
 * Makes what is the first under this key, and joins it where there is a first. One that failed or came to
 * nothing leaves it to each of the others; where it cannot be joined any more, the next one is the first.
 */
export async function afterFirst<T, R>(
  firsts: Map<string, Promise<T | null>>,
  key: string,
  { make, join, outcome }: Making<T, R>,
): Promise<R> {
  const known = firsts.get(key);
  if (known === undefined) {
    const making = make();
    firsts.set(
      key,
      making.then(outcome, () => null),
    );
    return making;
  }
  const first = await known;
  if (first === null) return make();
  const joined = await join(first);
  // a run may be over before the last of its batch comes
  if (outcome(joined) === null && firsts.get(key) === known) firsts.delete(key);
  return joined;
}
