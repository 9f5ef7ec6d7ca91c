import type { Escalation } from '../ledger/escalation.js';
import type { AnyLedger } from '../ledger/ledger.js';
import type { Save } from '../ledger/record-writes.js';
import { conflict, retryOnConflict } from '../ledger/retry-on-conflict.js';
import { scheduleItem, type Wake } from '../ledger/schedule-item.js';
import type { Check, Write } from '../ledger/transaction.js';
import type { Clock } from '../lib/clock.js';
import type { Trip } from './blast-radius.js';
import type { Breaker } from './breaker.js';

/** What people do with what trips by itself. Every method throws what Redis throws; nothing was changed then. */
export type Resets = ReturnType<typeof createResets>;

/** What it takes to reset a guard, in one step with whatever else is to be written. */
export interface Reset<Was> {
  /** As the audit trail calls it. */
  readonly guard: string;
  /** The report that told a person. */
  readonly escalationId: string;
  readonly was: Was;
  readonly check: Check;
  readonly writes: readonly Write[];
}

/** The reset of the blast radius; `null`: it has not tripped. */
export async function blastRadiusReset({ keys, redis }: AnyLedger): Promise<Reset<Trip> | null> {
  const value = await redis.get(keys.tripped);
  if (value === null) return null;
  const was = JSON.parse(value) as Trip;
  return {
    guard: 'blast_radius',
    escalationId: was.escalationId,
    was,
    check: { kind: 'string', key: keys.tripped, value },
    writes: [['DEL', keys.tripped, ...was.kinds.map((kind) => keys.touched(kind))]],
  };
}

/** The reset of the breaker of a playbook; `null`: it is not open. */
export async function breakerReset(
  { keys, redis }: AnyLedger,
  playbook: string,
): Promise<Reset<Breaker> | null> {
  const value = await redis.hget(keys.breakers, playbook);
  if (value === null) return null;
  const was = JSON.parse(value) as Breaker;
  return {
    guard: `breaker:${playbook}`,
    escalationId: was.escalationId,
    was,
    check: { kind: 'field', key: keys.breakers, field: playbook, value },
    writes: [
      ['HDEL', keys.breakers, playbook],
      ['HDEL', keys.failures, playbook],
    ],
  };
}

interface ResetParts {
  readonly ledger: AnyLedger;
  readonly clock: Clock;
  readonly wake: Wake;
}

export function createResets({ ledger, clock, wake }: ResetParts) {
  const { keys, redis } = ledger;

  /** The tripped blast radius; `null`: it has not tripped. */
  async function tripped(): Promise<Trip | null> {
    const text = await redis.get(keys.tripped);
    return text === null ? null : (JSON.parse(text) as Trip);
  }

  /** The open breakers, the oldest first. */
  async function openBreakers(): Promise<readonly Breaker[]> {
    const texts = await redis.hvals(keys.breakers);
    return texts
      .map((text) => JSON.parse(text) as Breaker)
      .sort((a, b) => a.openedAtMs - b.openedAtMs);
  }

  /** Lets automatic runs go on, with a radius that counts from nothing; `null`: it had not tripped. */
  async function resetBlastRadius({ by }: { by: string }): Promise<Trip | null> {
    return retryOnConflict('blast radius', async () => reset(by, await blastRadiusReset(ledger)));
  }

  /** Lets a playbook act by itself again; `null`: its breaker was not open. */
  async function resetBreaker(playbook: string, { by }: { by: string }): Promise<Breaker | null> {
    return retryOnConflict(`circuit breaker of ${playbook}`, async () =>
      reset(by, await breakerReset(ledger, playbook)),
    );
  }

  /** Changes the guard, its audit record and its report in one step. */
  async function reset<Was>(
    by: string,
    change: Reset<Was> | null,
  ): Promise<Was | null | typeof conflict> {
    if (change === null) return null;
    const { guard: id, escalationId } = change;
    const nowMs = clock.now();
    const report = await ledger.escalation(escalationId);
    const saves: Save[] = [];
    if (report?.value.state === 'open') {
      saves.push(ledger.saveEscalation(report, answered(report.value, by, nowMs), nowMs));
    }
    const result = await ledger.commit({
      checks: [change.check, ...saves.map((save) => save.check)],
      writes: [
        ...change.writes,
        ...saves.flatMap((save) => save.writes),
        ...saves.map(() =>
          ledger.audit({
            atMs: nowMs,
            subject: 'escalation',
            id: escalationId,
            event: 'answered',
            detail: 'Reset',
            by,
          }),
        ),
        ledger.audit({ atMs: nowMs, subject: 'guard', id, event: 'reset', by }),
      ],
      nowMs,
    });
    if (result.kind !== 'committed') return conflict;
    if (saves.length > 0) await wake(scheduleItem('message', escalationId), nowMs);
    return change.was;
  }

  return { tripped, openBreakers, resetBlastRadius, resetBreaker };
}

function answered(report: Escalation, by: string, nowMs: number): Escalation {
  const answer = { choiceId: 'reset', label: 'Reset', by, atMs: nowMs, runId: null };
  return { ...report, state: 'answered', answer, endedAtMs: nowMs };
}
