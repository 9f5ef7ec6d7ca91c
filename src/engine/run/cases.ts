import { gatherMs } from '../../escalation/lease.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Stored } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { closeCommands } from '../episode/command.js';
import { advance } from './advance.js';

/**
 * Looks at a case one of whose episodes closed. When none fires any more, its run is moved on and a
 * question that is still open is withdrawn; else its message gets the new count. The case stays on
 * the schedule until that is done: nothing else would find a run that only waits for this.
 */
export async function settleCase(context: EngineContext, caseId: string): Promise<void> {
  const { ledger, clock } = context;
  const { runId, escalationId, open } = await ledger.caseInfo(caseId);
  const nowMs = clock.now();
  // what it closes has the case looked at once more
  if (open > 0 && runId !== null && (await closeCommands(context, caseId, runId))) return;
  if (open === 0) {
    if (runId !== null) await advance(context, runId);
    const escalation = escalationId === null ? null : await ledger.escalation(escalationId);
    if (escalation?.value.state === 'open' && !(await withdraw(context, escalation, nowMs))) return;
  }
  const writes: Write[] = [['ZREM', ledger.keys.schedule, scheduleItem('case', caseId)]];
  if (open > 0 && escalationId !== null) {
    writes.push([
      'ZADD',
      ledger.keys.schedule,
      'NX',
      nowMs + gatherMs,
      scheduleItem('message', escalationId),
    ]);
  }
  // an alert that joins at this moment leaves the case on the schedule, and keeps it
  const checks =
    open === 0 ? [{ kind: 'set_empty' as const, key: ledger.keys.caseOpen(caseId) }] : [];
  if (open === 0) writes.push(ledger.letGoOfCase(caseId));
  await ledger.commit({ checks, writes, nowMs });
}

/** Ends a question whose alerts have resolved by themselves; `false`: it, or they, changed meanwhile. */
async function withdraw(
  context: EngineContext,
  stored: Stored<Escalation>,
  nowMs: number,
): Promise<boolean> {
  const { ledger } = context;
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
  await context.wake(scheduleItem('message', withdrawn.id), nowMs);
  return true;
}
