import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Check, Write } from '../ledger/transaction.js';

/** A message that one messenger works on; nobody else does until it is given back or `leaseMs` have passed. */
export interface Claim {
  readonly id: string;
  readonly key: string;
  readonly token: string;
  /** What the message's place on the agenda was set to; any other value means that something changed since. */
  readonly score: number;
}

/** Longer than reading targets or sending one message takes to time out. */
const leaseMs = 30_000;
const mostTries = 5;
/** How long further changes of a case are gathered before its message is edited. */
export const gatherMs = 3_000;

/**
 * Has one messenger at a time work on a message.
 *
 * The claim moves the message's place on the agenda to the end of the lease: a change of the
 * escalation moves it again, so that whoever settles the claim sees it, and a messenger that
 * crashed has left it where the sweep finds it.
 */
export function createClaims({ ledger, clock }: { ledger: Ledger; clock: Clock }) {
  const { agenda } = ledger.keys;

  /** `null`: the message is up to date, is not due yet, or somebody else works on it. */
  async function take(id: string): Promise<Claim | null> {
    const member = itemOf(id);
    const key = `${ledger.keys.escalation(id)}:messenger`;
    for (let tries = 0; tries < mostTries; tries += 1) {
      const found = await ledger.redis.zscore(agenda, member);
      const nowMs = clock.now();
      if (found === null || Number(found) > nowMs) return null;
      const claim = { id, key, token: randomUUID(), score: nowMs + leaseMs };
      const result = await ledger.commit({
        checks: [
          { kind: 'absent', key },
          { kind: 'score', key: agenda, member, score: Number(found) },
        ],
        writes: [
          ['SET', key, claim.token, 'PX', leaseMs],
          ['ZADD', agenda, claim.score, member],
        ],
        nowMs,
      });
      if (result.kind === 'committed') return claim;
      if (result.kind === 'conflict' && result.check === 0) return null;
    }
    return null;
  }

  /** Starts the lease anew; `false`: it has passed, and somebody else may be at work. */
  async function renew(claim: Claim): Promise<boolean> {
    const result = await commit(claim, [], [['PEXPIRE', claim.key, leaseMs]]);
    return result.kind === 'committed';
  }

  /**
   * Gives it back: the message is up to date if `checks` hold. `false`: something changed meanwhile,
   * and the message is due again at once.
   */
  function settle(claim: Claim, checks: readonly Check[], writes: readonly Write[] = []) {
    return giveBack(claim, checks, [...writes, ['ZREM', agenda, itemOf(claim.id)]]);
  }

  /** Gives it back, to be tried again at `atMs`. `false`: something changed, and it is due at once. */
  function postpone(claim: Claim, atMs: number): Promise<boolean> {
    return giveBack(claim, [], [['ZADD', agenda, atMs, itemOf(claim.id)]]);
  }

  async function giveBack(
    claim: Claim,
    checks: readonly Check[],
    writes: readonly Write[],
  ): Promise<boolean> {
    const member = itemOf(claim.id);
    const unmoved: Check = { kind: 'score', key: agenda, member, score: claim.score };
    const free: Write = ['DEL', claim.key];
    const result = await commit(claim, [unmoved, ...checks], [...writes, free]);
    if (result.kind === 'committed') return true;
    const moved = result.kind === 'conflict' && result.check <= 1;
    const againMs = clock.now() + (moved ? 0 : gatherMs);
    await commit(claim, [], [['ZADD', agenda, 'LT', againMs, member], free]);
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
