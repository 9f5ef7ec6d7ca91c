import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Check, Write } from '../ledger/transaction.js';

/** A message or a thread that one messenger works on; nobody else does until it is given back or `leaseMs` have passed. */
export interface Claim {
  /** Its item of the agenda. */
  readonly item: string;
  /** The key of its record. */
  readonly record: string;
  readonly key: string;
  readonly token: string;
  /** What its place on the agenda was set to; any other value means that something changed since. */
  readonly score: number;
}

/** Longer than reading targets or sending one message takes to time out. */
const leaseMs = 30_000;
const mostTries = 5;
/** How long further changes of a case are gathered before its message is edited. */
export const gatherMs = 3_000;

/**
 * Has one messenger at a time work on a message or a thread.
 *
 * The claim moves its place on the agenda to the end of the lease: a change of the escalation moves it
 * again, so that whoever settles the claim sees it, and a messenger that crashed has left it where the
 * sweep finds it.
 */
export function createClaims({ ledger, clock }: { ledger: Ledger; clock: Clock }) {
  const { agenda } = ledger.keys;

  /** `null`: it is up to date, is not due yet, or somebody else works on it. */
  async function take(item: string, record: string): Promise<Claim | null> {
    const key = `${record}:messenger`;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await ledger.redis.zscore(agenda, item);
      const nowMs = clock.now();
      if (found === null || Number(found) > nowMs) return null;
      const claim = { item, record, key, token: randomUUID(), score: nowMs + leaseMs };
      const result = await ledger.commit({
        checks: [
          { kind: 'absent', key },
          { kind: 'score', key: agenda, member: item, score: Number(found) },
        ],
        writes: [
          ['SET', key, claim.token, 'PX', leaseMs],
          ['ZADD', agenda, claim.score, item],
        ],
        nowMs,
      });
      if (result.kind === 'committed') return claim;
      if (result.kind === 'conflict' && result.check === 0) return null;
    }
    return null;
  }

  /** Starts the lease anew, together with `writes`; `false`: it has passed, and somebody else may be at work. */
  async function renew(claim: Claim, writes: readonly Write[] = []): Promise<boolean> {
    const result = await commit(claim, [], [['PEXPIRE', claim.key, leaseMs], ...writes]);
    return result.kind === 'committed';
  }

  /**
   * Gives it back: it is up to date if `checks` hold. `false`: something changed meanwhile, and it is
   * due again at once.
   */
  function settle(claim: Claim, checks: readonly Check[], writes: readonly Write[] = []) {
    return giveBack(claim, checks, [...writes, ['ZREM', agenda, claim.item]]);
  }

  /** Gives it back, to be looked at again at `atMs`. `false`: something changed, and it is due at once. */
  function postpone(claim: Claim, atMs: number): Promise<boolean> {
    return giveBack(claim, [], [['ZADD', agenda, atMs, claim.item]]);
  }

  async function giveBack(
    claim: Claim,
    checks: readonly Check[],
    writes: readonly Write[],
  ): Promise<boolean> {
    const { item, score } = claim;
    const unmoved: Check = { kind: 'score', key: agenda, member: item, score };
    const free: Write = ['DEL', claim.key];
    const result = await commit(claim, [unmoved, ...checks], [...writes, free]);
    if (result.kind === 'committed') return true;
    const moved = result.kind === 'conflict' && result.check <= 1;
    const againMs = clock.now() + (moved ? 0 : gatherMs);
    await commit(claim, [], [['ZADD', agenda, 'LT', againMs, item], free]);
    return !moved;
  }

  async function commit(claim: Claim, checks: readonly Check[], writes: readonly Write[]) {
    const held: Check = { kind: 'string', key: claim.key, value: claim.token };
    return ledger.commit({ checks: [held, ...checks], writes, nowMs: clock.now() });
  }

  return { take, renew, settle, postpone };
}

/** The message of an escalation as an item of the agenda. */
export function itemOf(escalationId: string): string {
  return `message:${escalationId}`;
}

/** A thread as an item of the agenda. */
export function threadItemOf(threadId: string): string {
  return `thread:${threadId}`;
}
