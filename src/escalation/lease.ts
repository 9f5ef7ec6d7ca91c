import { randomUUID } from 'node:crypto';
import type { Ledger } from '../ledger/ledger.js';
import type { ScheduleItem } from '../ledger/schedule-item.js';
import type { Check, Write } from '../ledger/transaction.js';
import type { Clock } from '../lib/clock.js';

/** A message or a thread that one messenger works on; no other worker does until it is given back or `leaseMs` have passed. */
export interface Lease {
  /** Its item of the schedule. */
  readonly item: ScheduleItem;
  /** The key of its record. */
  readonly record: string;
  readonly key: string;
  readonly token: string;
  /** What its place on the schedule was set to; any other value means that something changed since. */
  readonly score: number;
}

/** Longer than reading targets or sending one message takes to time out. */
const leaseMs = 30_000;
const maxTries = 5;
/** How long further changes of a case are gathered before its message is edited. */
export const gatherMs = 3_000;

/**
 * Has one messenger at a time work on a message or a thread.
 *
 * The claim moves its place on the schedule to the end of the lease: a change of the escalation moves it
 * again, so that the worker that settles the claim sees it, and a messenger that crashed has left it where the
 * sweep finds it.
 */
export function createLeases({ ledger, clock }: { ledger: Ledger; clock: Clock }) {
  const { schedule } = ledger.keys;

  /** `null`: it is up to date, is not due yet, or another worker works on it. */
  async function take(item: ScheduleItem, record: string): Promise<Lease | null> {
    const key = `${record}:messenger`;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const found = await ledger.redis.zscore(schedule, item);
      const nowMs = clock.now();
      if (found === null || Number(found) > nowMs) return null;
      const lease = { item, record, key, token: randomUUID(), score: nowMs + leaseMs };
      const result = await ledger.commit({
        checks: [
          { kind: 'absent', key },
          { kind: 'score', key: schedule, member: item, score: Number(found) },
        ],
        writes: [
          ['SET', key, lease.token, 'PX', leaseMs],
          ['ZADD', schedule, lease.score, item],
        ],
        nowMs,
      });
      if (result.kind === 'committed') return lease;
      if (result.kind === 'conflict' && result.check === 0) return null;
    }
    return null;
  }

  /** Starts the lease again, together with `writes`; `false`: it has passed, and another worker may be at work. */
  async function renew(lease: Lease, writes: readonly Write[] = []): Promise<boolean> {
    const result = await commit(lease, [], [['PEXPIRE', lease.key, leaseMs], ...writes]);
    return result.kind === 'committed';
  }

  /**
   * Gives it back: it is up to date if `checks` hold. `false`: something changed meanwhile, and it is
   * due again at once.
   */
  function settle(lease: Lease, checks: readonly Check[], writes: readonly Write[] = []) {
    return giveBack(lease, checks, [...writes, ['ZREM', schedule, lease.item]]);
  }

  /** Gives it back, to be looked at again at `atMs`. `false`: something changed, and it is due at once. */
  function postpone(lease: Lease, atMs: number): Promise<boolean> {
    return giveBack(lease, [], [['ZADD', schedule, atMs, lease.item]]);
  }

  async function giveBack(
    lease: Lease,
    checks: readonly Check[],
    writes: readonly Write[],
  ): Promise<boolean> {
    const { item, score } = lease;
    const unmoved: Check = { kind: 'score', key: schedule, member: item, score };
    const free: Write = ['DEL', lease.key];
    const result = await commit(lease, [unmoved, ...checks], [...writes, free]);
    if (result.kind === 'committed') return true;
    const moved = result.kind === 'conflict' && result.check <= 1;
    const againMs = clock.now() + (moved ? 0 : gatherMs);
    await commit(lease, [], [['ZADD', schedule, 'LT', againMs, item], free]);
    return !moved;
  }

  async function commit(lease: Lease, checks: readonly Check[], writes: readonly Write[]) {
    const held: Check = { kind: 'string', key: lease.key, value: lease.token };
    return ledger.commit({ checks: [held, ...checks], writes, nowMs: clock.now() });
  }

  return { take, renew, settle, postpone };
}
