import type { AnyAction } from '../action/action.js';
import type { Run } from '../ledger/run.js';
import { createTargetReader, type TargetReader } from './resolve.js';

/**
 * What the decisions of one batch share. Of several alerts that would begin the same run, or open the
 * same escalation, the first does, and the others wait for it and join: else they would all try, and
 * all but one in vain.
 */
export interface Batch {
  readonly observe: TargetReader;
  /** The runs that are begun, by their join hash; `null`: it came to none. */
  readonly runs: Map<string, Promise<Run | null>>;
  /** The escalations that are opened, by their subject: their ids. */
  readonly escalations: Map<string, Promise<string | null>>;
}

/** For one batch of decisions, or a single one; it is thrown away after it. */
export function createBatch(actions: ReadonlyMap<string, AnyAction>): Batch {
  return { observe: createTargetReader(actions), runs: new Map(), escalations: new Map() };
}

/**
 * What the first under this key came to; who is the first makes it now. A first that failed or came to
 * nothing leaves it to each of the others.
 */
export async function afterFirst<T, R>(
  firsts: Map<string, Promise<T | null>>,
  key: string,
  make: () => Promise<R>,
  outcome: (made: R) => T | null,
): Promise<
  | { readonly first: T; readonly made?: undefined }
  | { readonly first?: undefined; readonly made: R }
> {
  const known = firsts.get(key);
  if (known !== undefined) {
    const first = await known;
    return first === null ? { made: await make() } : { first };
  }
  const making = make();
  firsts.set(
    key,
    making.then(outcome, () => null),
  );
  return { made: await making };
}
