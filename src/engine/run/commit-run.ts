import type { Guard, Hold } from '../../guard/guard.js';
import { holdOf } from '../../guard/guards.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Reason } from '../../ledger/reason.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import type { Save } from '../../ledger/record-writes.js';
import { holdsLocks, locksOf, type Run } from '../../ledger/run.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { logEscalation } from '../context/log-escalation.js';
import { wakeWaiters } from '../schedule/waiters.js';

/** What goes with a transition in the same atomic step. */
interface Along {
  /** `null`: nothing that is worth a record. */
  readonly event: string | null;
  readonly reason?: Reason;
  readonly detail?: string;
  readonly checks?: readonly Check[];
  readonly writes?: readonly Write[];
  /** Questions or reports that the transition raises. */
  readonly escalations?: readonly Escalation[];
  /** What has to let it pass, and what is done when one of them does not. */
  readonly guarded?: {
    readonly guards: readonly Guard[];
    readonly held: (hold: Hold) => Promise<StoredRun | null>;
  };
}

/**
 * Commits one transition of a run with its audit record; `null`: another worker moved it (or its
 * alerts changed) meanwhile, and it has to be looked at again.
 */
export async function commitRun(
  context: EngineContext,
  stored: StoredRun,
  next: Run,
  along: Along,
): Promise<StoredRun | null> {
  const { ledger, clock, wake } = context;
  const nowMs = clock.now();
  const { event, reason, detail, escalations = [], guarded } = along;
  const guards = guarded?.guards ?? [];
  const saves: Save[] = [ledger.saveRun(stored, next)];
  for (const each of escalations) saves.push(ledger.saveEscalation(null, each, nowMs));
  const messages = [...escalations.map(({ id }) => id), next.escalationId].filter(
    (id) => id != null,
  );
  const result = await ledger.commit({
    checks: [...saves.map((save) => save.check), ...(along.checks ?? [])],
    claims: guards.map(({ claim }) => claim),
    writes: [
      ...saves.flatMap((save) => save.writes),
      ...(along.writes ?? []),
      ...messages.map(
        (id): Write => ['ZADD', ledger.keys.schedule, nowMs, scheduleItem('message', id)],
      ),
      ...(event === null
        ? []
        : ledger.auditRun({ atMs: nowMs, id: next.id, event, reason, detail })),
    ],
    nowMs,
  });
  if (result.kind === 'refused' && guarded !== undefined) {
    return guarded.held(holdOf(guards, result.refusals));
  }
  if (result.kind !== 'committed') return null;
  for (const each of escalations) logEscalation(context.log, each);
  for (const id of messages) await wake(scheduleItem('message', id), nowMs);
  if (holdsLocks(stored.value) && !holdsLocks(next)) await wakeWaiters(context, locksOf(next));
  return { ...stored, rev: stored.rev + 1, value: next };
}
