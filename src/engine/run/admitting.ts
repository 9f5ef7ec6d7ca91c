import type { StoredRun } from '../../ledger/reads.js';
import { admitted } from '../../ledger/run-transitions.js';
import type { EngineParts } from '../parts.js';
import { guardsOf } from '../run-guards.js';
import { commitRun } from './commit-run.js';
import { endRun } from './end-run.js';
import { holdRun } from './hold-run.js';

/**
 * `admitting`: takes guards and locks for a run that a person approved or chose, or has it wait for
 * them. A playbook that has been put in shadow meanwhile begins nothing, whoever approved it.
 */
export async function admit(parts: EngineParts, stored: StoredRun): Promise<StoredRun | null> {
  const { origin } = stored.value;
  const playbook = origin.kind === 'playbook' ? origin.playbook : '';
  if (parts.active().library.named(playbook)?.mode === 'shadow') {
    const detail = `${playbook} has been put in shadow since the question was asked; nothing was done`;
    return endRun(parts, stored, stored.value, { kind: 'failed', reason: 'shadow', detail });
  }
  const nowMs = parts.clock.now();
  const guards = guardsOf(parts, stored.value, null, nowMs);
  return commitRun(parts, stored, admitted(stored.value, nowMs), {
    event: 'admitted',
    guarded: { guards, held: (hold) => holdRun(parts, stored, hold) },
  });
}
