import type { Escalation, PassedOn } from '../ledger/escalation.js';
import type { Write } from '../ledger/transaction.js';
import type { Policy } from '../playbook/policy.js';
import type { Tier } from '../playbook/tier.js';
import type { EngineParts } from './parts.js';

/** What happens next to a question that nobody answers, and when. */
interface Nudge {
  readonly atMs: number;
  readonly event: 'reminded' | 'passed_on';
  readonly detail: string;
  readonly escalation: Escalation;
}

/**
 * Looks at a question that nobody has answered: people are reminded once, and it is passed on from tier
 * to tier, as the playbook or else the policy says now. What is recorded is shown by its message.
 */
export async function remind(parts: EngineParts, escalationId: string): Promise<void> {
  const { ledger, clock, wake } = parts;
  const stored = await ledger.escalation(escalationId);
  const item = `reminder:${escalationId}`;
  const { agenda } = ledger.keys;
  const nowMs = clock.now();
  const next = stored === null ? null : nudge(parts, stored.value, nowMs);
  if (stored === null || next === null || next.atMs > nowMs) {
    const later: Write = next === null ? ['ZREM', agenda, item] : ['ZADD', agenda, next.atMs, item];
    await ledger.commit({ checks: [], writes: [later], nowMs });
    return;
  }
  const { event, detail, escalation } = next;
  const save = ledger.saveEscalation(stored, escalation, nowMs);
  const record = { atMs: nowMs, subject: 'escalation', id: escalationId, event, detail } as const;
  const result = await ledger.commit({
    checks: [save.check],
    // it stays on the agenda: the next look finds when there is more
    writes: [...save.writes, ['ZADD', agenda, nowMs, item], ledger.audit(record)],
    nowMs,
  });
  if (result.kind !== 'committed') return;
  parts.log.warn({ escalation: escalationId, detail }, 'nobody has answered a question');
  await wake(`message:${escalationId}`, nowMs);
  await wake(item, nowMs);
}

/** When people are reminded of a question, or it is passed on, next; `null`: nothing more follows. */
export function remindAt(
  parts: Pick<EngineParts, 'active'>,
  escalation: Escalation,
  nowMs: number,
): number | null {
  return nudge(parts, escalation, nowMs)?.atMs ?? null;
}

/** `null`: nothing more follows. */
function nudge(
  parts: Pick<EngineParts, 'active'>,
  escalation: Escalation,
  nowMs: number,
): Nudge | null {
  const { createdAtMs, expiresAtMs, remindedAtMs, passedOn = [], state } = escalation;
  if (state !== 'open') return null;
  const { policy } = parts.active();
  const tier = tiersOf(parts, policy, escalation)[passedOn.length];
  const passAtMs =
    tier === undefined
      ? Number.POSITIVE_INFINITY
      : (passedOn.at(-1)?.atMs ?? createdAtMs) + tier.afterMs;
  const openMs = expiresAtMs === null ? policy.approvalExpiresMs : expiresAtMs - createdAtMs;
  const remindAtMs = remindedAtMs === undefined ? createdAtMs + openMs / 2 : passAtMs;
  if (remindedAtMs === undefined && remindAtMs <= passAtMs) {
    const reminded = { ...escalation, remindedAtMs: nowMs };
    return { atMs: Math.round(remindAtMs), event: 'reminded', detail: '', escalation: reminded };
  }
  if (tier === undefined) return null;
  const { channel, mention } = tier;
  const passed: PassedOn = { atMs: nowMs, channel, mention };
  const detail = [channel, ...mention].filter(Boolean).join(' ');
  const next = { ...escalation, passedOn: [...passedOn, passed] };
  return { atMs: passAtMs, event: 'passed_on', detail, escalation: next };
}

function tiersOf(
  { active }: Pick<EngineParts, 'active'>,
  { escalate }: Policy,
  { playbook }: Escalation,
): readonly Tier[] {
  const own = playbook === undefined ? undefined : active().library.named(playbook);
  return own?.escalate.tiers ?? escalate.tiers;
}
