import type { StoredRun } from '../../ledger/record-reads.js';
import type { EngineContext } from '../context/context.js';
import { commitRun } from './commit-run.js';
import { endRun } from './end-run.js';
import { holdRun } from './hold-run.js';
import { guardsOf } from './run-guards.js';
import { admitted } from './transitions.js';

/**
 * `admitting`: takes guards and locks for a run that a person approved or chose, or has it wait for
 * them. A playbook that has been put in shadow meanwhile begins nothing, no matter who approved it.
 */
export async function admit(context: EngineContext, stored: StoredRun): Promise<StoredRun | null> {
  const { origin } = stored.value;
  const playbook = origin.kind === 'playbook' ? origin.playbook : '';
  if (context.active().library.named(playbook)?.mode === 'shadow') {
    const detail = `${playbook} went into shadow mode after the question; Jidoka changed nothing`;
    return endRun(context, stored, stored.value, { kind: 'failed', reason: 'shadow', detail });
  }
  const nowMs = context.clock.now();
  const guards = guardsOf(context, stored.value, null, nowMs);
  return commitRun(context, stored, admitted(stored.value, nowMs), {
    event: 'admitted',
    guarded: { guards, held: (hold) => holdRun(context, stored, hold) },
  });
}
