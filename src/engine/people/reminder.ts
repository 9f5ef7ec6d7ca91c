import type { Escalation, PassedOn } from '../../ledger/escalation.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Write } from '../../ledger/transaction.js';
import type { Policy } from '../../playbook/policy.js';
import type { Tier } from '../../playbook/tier.js';
import type { EngineContext } from '../context/context.js';

/** What happens next to a question that no one answers, and when. */
interface NextReminder {
  readonly atMs: number;
  readonly event: 'reminded' | 'passed_on';
  readonly detail: string;
  readonly escalation: Escalation;
}

/**
 * Looks at a question that no one has answered: people are reminded once, and it is passed on from tier
 * to tier, as the playbook or else the policy says now. What is recorded is shown by its message.
 */
export async function remind(context: EngineContext, escalationId: string): Promise<void> {
  const { ledger, clock, wake } = context;
  const stored = await ledger.escalation(escalationId);
  const item = scheduleItem('reminder', escalationId);
  const { schedule } = ledger.keys;
  const nowMs = clock.now();
  const next = stored === null ? null : nextReminder(context, stored.value, nowMs);
  if (stored === null || next === null || next.atMs > nowMs) {
    const later: Write =
      next === null ? ['ZREM', schedule, item] : ['ZADD', schedule, next.atMs, item];
    await ledger.commit({ checks: [], writes: [later], nowMs });
    return;
  }
  const { event, detail, escalation } = next;
  const save = ledger.saveEscalation(stored, escalation, nowMs);
  const record = { atMs: nowMs, subject: 'escalation', id: escalationId, event, detail } as const;
  const result = await ledger.commit({
    checks: [save.check],
    // it stays on the schedule: the next look finds when there is more
    writes: [...save.writes, ['ZADD', schedule, nowMs, item], ledger.audit(record)],
    nowMs,
  });
  if (result.kind !== 'committed') return;
  context.log.warn({ escalation: escalationId, detail }, 'question not answered');
  await wake(scheduleItem('message', escalationId), nowMs);
  await wake(item, nowMs);
}

/** When people are reminded of a question, or it is passed on, next; `null`: nothing more follows. */
export function remindAt(
  context: Pick<EngineContext, 'active'>,
  escalation: Escalation,
  nowMs: number,
): number | null {
  return nextReminder(context, escalation, nowMs)?.atMs ?? null;
}

/** `null`: nothing more follows. */
function nextReminder(
  context: Pick<EngineContext, 'active'>,
  escalation: Escalation,
  nowMs: number,
): NextReminder | null {
  const { createdAtMs, expiresAtMs, remindedAtMs, passedOn = [], state } = escalation;
  if (state !== 'open') return null;
  const { policy } = context.active();
  const tier = tiersOf(context, policy, escalation)[passedOn.length];
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
  { active }: Pick<EngineContext, 'active'>,
  { escalate }: Policy,
  { playbook }: Escalation,
): readonly Tier[] {
  const own = playbook === undefined ? undefined : active().library.named(playbook);
  return own?.escalate.tiers ?? escalate.tiers;
}
