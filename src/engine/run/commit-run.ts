import type { Escalation } from '../../ledger/escalation.js';
import type { StoredRun } from '../../ledger/reads.js';
import type { Reason } from '../../ledger/reason.js';
import type { Run } from '../../ledger/run.js';
import type { Save } from '../../ledger/saves.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { EngineParts } from '../parts.js';

/** What goes with a transition in the same atomic step. */
interface Along {
  readonly event: string;
  /** It only looks again later, for the same reason: no news for the audit trail. */
  readonly quiet?: boolean;
  readonly reason?: Reason;
  readonly detail?: string;
  readonly checks?: readonly Check[];
  readonly writes?: readonly Write[];
  /** A question or report that the transition raises. */
  readonly escalation?: Escalation;
}

/**
 * Commits one transition of a run with its audit record; `null`: somebody else moved it (or its
 * alerts changed) meanwhile, and it has to be looked at again.
 */
export async function commitRun(
  parts: EngineParts,
  stored: StoredRun,
  next: Run,
  along: Along,
): Promise<StoredRun | null> {
  const { ledger, clock, wake } = parts;
  const nowMs = clock.now();
  const { event, reason, detail, escalation } = along;
  const saves: Save[] = [ledger.saveRun(stored, next)];
  if (escalation !== undefined) saves.push(ledger.saveEscalation(null, escalation, nowMs));
  const messages = [escalation?.id, next.escalationId].filter((id) => id != null);
  const result = await ledger.commit({
    checks: [...saves.map((save) => save.check), ...(along.checks ?? [])],
    writes: [
      ...saves.flatMap((save) => save.writes),
      ...(along.writes ?? []),
      ...messages.map((id): Write => ['ZADD', ledger.keys.agenda, nowMs, `message:${id}`]),
      ...(along.quiet
        ? []
        : [ledger.audit({ atMs: nowMs, subject: 'run', id: next.id, event, reason, detail })]),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return null;
  for (const id of messages) await wake(`message:${id}`, nowMs);
  return { ...stored, rev: stored.rev + 1, value: next };
}
