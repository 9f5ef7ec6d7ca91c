import type { StoredRun } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { EngineContext } from '../context/context.js';
import { endRun } from '../run/end-run.js';

/**
 * Ends a question that no one answered in time. A run that waited for it ends first, with a report
 * to a person, so that a crash in between leaves the question for another try.
 */
export async function expire(context: EngineContext, escalationId: string): Promise<void> {
  const { ledger, clock, wake } = context;
  const stored = await ledger.escalation(escalationId);
  const nowMs = clock.now();
  if (stored === null || stored.value.state !== 'open') return;
  const { expiresAtMs, runId } = stored.value;
  if (expiresAtMs === null || expiresAtMs > nowMs) return;
  const run: StoredRun | null = runId === null ? null : await ledger.run(runId);
  if (run?.value.state === 'awaiting_approval') {
    const ended = await endRun(context, run, run.value, {
      kind: 'failed',
      reason: 'expired',
      detail: '',
    });
    if (ended === null) return;
  }
  const expired = { ...stored.value, state: 'expired' as const, endedAtMs: nowMs };
  const save = ledger.saveEscalation(stored, expired, nowMs);
  const result = await ledger.commit({
    checks: [save.check],
    writes: [
      ...save.writes,
      ledger.audit({
        atMs: nowMs,
        subject: 'escalation',
        id: escalationId,
        event: 'expired',
        reason: 'expired',
      }),
    ],
    nowMs,
  });
  if (result.kind === 'committed') await wake(scheduleItem('message', escalationId), nowMs);
}
