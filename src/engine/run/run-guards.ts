import type { Guard } from '../../guard/guard.js';
import { guardsFor } from '../../guard/guards.js';
import type { Direction } from '../../guard/pause.js';
import type { Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { reportTrip } from './blast-radius-report.js';

/** The guards of a run that is about to begin. `direction` is that of its first change, if it is known. */
export function guardsOf(
  context: EngineContext,
  run: Run,
  direction: Direction | null,
  nowMs: number,
): readonly Guard[] {
  return guardsFor({
    keys: context.ledger.keys,
    run,
    direction,
    policy: context.active().policy,
    fleetSize: context.fleetSize,
    reportTrip: (detail) => reportTrip(context, run, detail, nowMs),
    nowMs,
  });
}
