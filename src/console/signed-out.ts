import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import type { Session } from './sessions.js';

/** Remembers the sessions that were signed out, for all receivers of the cell. */
export type SignedOut = ReturnType<typeof createSignedOut>;

/**
 * A session is a signed cookie, so a copy of it would outlive the sign-out in the browser. The ledger
 * keeps the id of each session that was signed out until the session would have ended by itself.
 */
export function createSignedOut({
  ledger,
  clock,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
}) {
  const { redis, keys } = ledger;

  /** Ends a session everywhere. @throws what Redis throws; then it has not ended. */
  async function add({ id, untilMs }: Session): Promise<void> {
    await redis.set(keys.signedOut(id), '1', 'PX', Math.max(untilMs - clock.now(), 1));
  }

  /** Whether a session was signed out. @throws what Redis throws. */
  async function has({ id }: Session): Promise<boolean> {
    return (await redis.exists(keys.signedOut(id))) === 1;
  }

  return { add, has };
}
