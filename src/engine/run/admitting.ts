import type { StoredRun } from '../../ledger/reads.js';
import { admitted } from '../../ledger/run-transitions.js';
import type { EngineParts } from '../parts.js';
import { guardsOf } from '../run-guards.js';
import { commitRun } from './commit-run.js';
import { holdRun } from './hold-run.js';

/** `admitting`: takes guards and locks for a run that a person approved or chose, or has it wait for them. */
export async function admit(parts: EngineParts, stored: StoredRun): Promise<StoredRun | null> {
  const nowMs = parts.clock.now();
  const guards = guardsOf(parts, stored.value, null, nowMs);
  return commitRun(parts, stored, admitted(stored.value, nowMs), {
    event: 'admitted',
    guarded: { guards, held: (hold) => holdRun(parts, stored, hold) },
  });
}
