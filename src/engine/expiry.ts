import type { StoredRun } from '../ledger/reads.js';
import type { EngineParts } from './parts.js';
import { endRun } from './run/end-run.js';

/**
 * Ends a question that nobody answered in time. A run that waited for it ends first, with a report
 * to a person, so that a crash in between leaves the question for another try.
 */
export async function expire(parts: EngineParts, escalationId: string): Promise<void> {
  const { ledger, clock, wake } = parts;
  const stored = await ledger.escalation(escalationId);
  const nowMs = clock.now();
  if (stored === null || stored.value.state !== 'open') return;
  const { expiresAtMs, runId } = stored.value;
  if (expiresAtMs === null || expiresAtMs > nowMs) return;
  const run: StoredRun | null = runId === null ? null : await ledger.run(runId);
  if (run?.value.state === 'awaiting_approval') {
    const ended = await endRun(parts, run, run.value, {
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
  if (result.kind === 'committed') await wake(`message:${escalationId}`, nowMs);
}
