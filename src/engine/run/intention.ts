import type { Change } from '../../integrations/contract/change.js';
import { describeChange } from '../../integrations/operations.js';
import type { Part, Run } from '../../ledger/run.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { changeWrites } from './changed.js';
import { intend, withAttempt } from './transitions.js';

/**
 * How long the worker that recorded an intention has the run to itself. It is longer than any call to a
 * target takes to time out, so that after it no request of ours is still under way.
 */
const leaseMs = 45_000;

/** An intention to make a change, and what is recorded with it. */
export interface Intention {
  readonly run: Run;
  readonly detail: string;
  readonly writes: readonly Write[];
}

/** The run with the intention to make a change; it is to be committed before the change is sent. */
export function intention(
  context: EngineContext,
  run: Run,
  change: Change,
  options: {
    readonly undo?: boolean;
    readonly part?: Part | undefined;
    /** When the target was changed before; `null`: that is not known. */
    readonly changedBeforeMs: number | null;
    readonly nowMs: number;
  },
): Intention {
  const { undo = false, part, changedBeforeMs, nowMs } = options;
  const { target } = change;
  const intended = intend(run, change, undo, nowMs, leaseMs, part);
  return {
    run: withAttempt(intended, { changedBeforeMs }),
    detail: describeChange(change),
    // a sequence is a change of what it was planned for, whatever it changes on the way
    writes: [target, ...(part === undefined ? [] : [part.of.target])].flatMap((one) =>
      changeWrites(context, one, nowMs),
    ),
  };
}
