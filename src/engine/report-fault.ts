import { createHash } from 'node:crypto';
import { draftFault } from '../escalation/draft.js';
import type { Reason } from '../ledger/reason.js';
import { logEscalation } from './journal.js';
import type { EngineParts } from './parts.js';

/**
 * Tells a person of a fault that belongs to no episode. Faults `about` the same thing are one report
 * while it is open; `false`: there is one already.
 */
export async function reportFault(
  parts: EngineParts,
  reason: Reason,
  title: string,
  detail: string,
  about: readonly string[],
): Promise<boolean> {
  const { ledger, clock, wake } = parts;
  const nowMs = clock.now();
  const subject = faultSubject(about);
  const channel = parts.active().policy.escalate.channel;
  const to = { id: ledger.newId(), channel, expiresAtMs: null, nowMs };
  const draft = draftFault(reason, title, detail, subject, to);
  const save = ledger.saveEscalation(null, draft, nowMs);
  const result = await ledger.commit({
    checks: [save.check, { kind: 'absent', key: ledger.keys.subject(subject) }],
    writes: [...save.writes, ledger.letGoOfCase(draft.caseId)],
    nowMs,
  });
  if (result.kind !== 'committed') return false;
  logEscalation(parts.log, draft);
  await wake(`message:${draft.id}`, nowMs);
  return true;
}

/** What faults about the same thing have in common. */
export function faultSubject(about: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 32);
}
