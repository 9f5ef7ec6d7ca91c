import { gatherMs } from '../escalation/claim.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Stored } from '../ledger/reads.js';
import type { Write } from '../ledger/transaction.js';
import { closeCommands } from './command.js';
import type { EngineParts } from './parts.js';
import { advance } from './run/advance.js';

/**
 * Looks at a case one of whose episodes closed. When none fires any more, its run is moved on and a
 * question that is still open is withdrawn; else its message gets the new count. The case stays on
 * the agenda until that is done: nothing else would find a run that only waits for this.
 */
export async function settleCase(parts: EngineParts, caseId: string): Promise<void> {
  const { ledger, clock } = parts;
  const { runId, escalationId, open } = await ledger.caseInfo(caseId);
  const nowMs = clock.now();
  // what it closes has the case looked at once more
  if (open > 0 && runId !== null && (await closeCommands(parts, caseId, runId))) return;
  if (open === 0) {
    if (runId !== null) await advance(parts, runId);
    const escalation = escalationId === null ? null : await ledger.escalation(escalationId);
    if (escalation?.value.state === 'open' && !(await withdraw(parts, escalation, nowMs))) return;
  }
  const writes: Write[] = [['ZREM', ledger.keys.agenda, `case:${caseId}`]];
  if (open > 0 && escalationId !== null) {
    writes.push(['ZADD', ledger.keys.agenda, 'NX', nowMs + gatherMs, `message:${escalationId}`]);
  }
  // an alert that joins at this moment leaves the case on the agenda, and keeps it
  const checks =
    open === 0 ? [{ kind: 'set_empty' as const, key: ledger.keys.caseOpen(caseId) }] : [];
  if (open === 0) writes.push(ledger.letGoOfCase(caseId));
  await ledger.commit({ checks, writes, nowMs });
}

/** Ends a question whose alerts have resolved by themselves; `false`: it, or they, changed meanwhile. */
async function withdraw(
  parts: EngineParts,
  stored: Stored<Escalation>,
  nowMs: number,
): Promise<boolean> {
  const { ledger } = parts;
  const withdrawn = { ...stored.value, state: 'withdrawn' as const, endedAtMs: nowMs };
  const save = ledger.saveEscalation(stored, withdrawn, nowMs);
  const result = await ledger.commit({
    checks: [save.check, { kind: 'set_empty', key: ledger.keys.caseOpen(stored.value.caseId) }],
    writes: [
      ...save.writes,
      ledger.audit({
        atMs: nowMs,
        subject: 'escalation',
        id: withdrawn.id,
        event: 'withdrawn',
        reason: 'resolved',
      }),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return false;
  await parts.wake(`message:${withdrawn.id}`, nowMs);
  return true;
}
