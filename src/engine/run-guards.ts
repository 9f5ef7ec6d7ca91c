import type { Guard } from '../guard/guard.js';
import { guardsFor } from '../guard/guards.js';
import type { Direction } from '../guard/pause.js';
import type { Run } from '../ledger/run.js';
import type { EngineParts } from './parts.js';
import { reportTrip } from './trip.js';

/** The guards of a run that is about to begin. `direction` is that of its first change, if it is known. */
export function guardsOf(
  parts: EngineParts,
  run: Run,
  direction: Direction | null,
  nowMs: number,
): readonly Guard[] {
  return guardsFor({
    keys: parts.ledger.keys,
    run,
    direction,
    policy: parts.active().policy,
    fleetSize: parts.fleetSize,
    reportTrip: (detail) => reportTrip(parts, run, detail, nowMs),
    nowMs,
  });
}
