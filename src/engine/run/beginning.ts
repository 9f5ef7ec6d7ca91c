import type { Run } from '../../ledger/run.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext, Place } from '../context/context.js';
import { actionNamed } from '../reading/resolve.js';
import { advance } from './advance.js';
import { applyChange } from './applying.js';
import { type Intention, intention } from './intention.js';
import type { Wanted } from './new-run.js';

/** How a run begins that intends its first change in the transaction that admits it. */
export interface Beginning {
  readonly place: Place;
  readonly intention: Intention;
  /** What is recorded besides the run itself. */
  readonly writes: readonly Write[];
}

/**
 * The first change of a run, intended together with its admission; `null`: it plans by itself after it.
 * What a plan was made from must not be older than the locks, unless the target itself refuses what is
 * out of date, or there is nothing to look at. And the worker that intends must be able to act at once.
 *
 * @returns with a place that its caller takes or leaves.
 */
export function beginningOf(
  context: EngineContext,
  run: Run,
  { plan, ask, shown, steps }: Wanted,
  changedBeforeMs: number | null,
  nowMs: number,
): Beginning | null {
  const [first] = steps;
  if (plan.kind !== 'change' || ask !== null || shown !== null || first === undefined) return null;
  const { sequence, unobservable } = actionNamed(context.actions, first.action);
  if (sequence !== undefined || (plan.version === null && !unobservable)) return null;
  const place = context.place?.(scheduleItem('run', run.id)) ?? null;
  if (place === null) return null;
  const intended = intention(context, run, plan, { changedBeforeMs, nowMs });
  const { detail } = intended;
  const record = { atMs: nowMs, id: run.id, event: 'applying', detail };
  return {
    place,
    intention: intended,
    writes: [...intended.writes, ...context.ledger.auditRun(record)],
  };
}

/** Sends the change that a run was admitted with, and moves the run on. */
export async function beginRun(context: EngineContext, run: Run): Promise<void> {
  const alone = { openEpisodes: 1, mutedEpisodes: 0, joined: 1 };
  await applyChange(context, { rev: 1, value: run, ...alone });
  await advance(context, run.id);
}
