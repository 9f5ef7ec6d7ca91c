import { draftFault } from '../../escalation/draft.js';
import type { Reason } from '../../ledger/reason.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import { shortHash } from '../../lib/short-hash.js';
import type { EngineContext } from '../context/context.js';
import { logEscalation } from '../context/log-escalation.js';

/**
 * Tells a person of a fault that belongs to no episode. Faults `about` the same thing are one report
 * while it is open; `false`: there is one already.
 */
export async function reportFault(
  context: EngineContext,
  reason: Reason,
  title: string,
  detail: string,
  about: readonly string[],
): Promise<boolean> {
  const { ledger, clock, wake } = context;
  const nowMs = clock.now();
  const subject = faultSubject(about);
  const channel = context.active().policy.escalate.channel;
  const to = { id: ledger.newId(), channel, expiresAtMs: null, nowMs };
  const draft = draftFault(reason, title, detail, subject, to);
  const save = ledger.saveEscalation(null, draft, nowMs);
  const result = await ledger.commit({
    checks: [save.check, { kind: 'absent', key: ledger.keys.subject(subject) }],
    writes: [...save.writes, ledger.letGoOfCase(draft.caseId)],
    nowMs,
  });
  if (result.kind !== 'committed') return false;
  logEscalation(context.log, draft);
  await wake(scheduleItem('message', draft.id), nowMs);
  return true;
}

/** What faults about the same thing have in common. */
export function faultSubject(about: readonly string[]): string {
  return shortHash(JSON.stringify(about));
}
