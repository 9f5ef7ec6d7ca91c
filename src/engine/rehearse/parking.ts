import { askAgainMs } from '../../guard/blast-radius.js';
import type { Episode } from '../../ledger/episode.js';
import type { EngineParts } from '../parts.js';

/**
 * While the blast radius is tripped, the engine asks every half minute again for each decision that it
 * holds, always in vain. A rehearsal leaves that out: it parks them, and has them asked again when they
 * would have been asked first after the reset.
 */
export function createParking({ ledger, clock, active }: EngineParts) {
  const { keys, redis } = ledger;
  /** Items of the agenda, with a time at which they would have been looked at. */
  const parked = new Map<string, number>();

  /** Takes an item off the agenda if a look at it would be in vain; `false`: it has to be looked at. */
  async function park(item: string): Promise<boolean> {
    if (!item.startsWith('episode:') || !(await isTripped())) return false;
    const [stored] = await ledger.episodes([item.slice('episode:'.length)]);
    const isInVain =
      stored != null &&
      isHeldByRadius(stored.value, active().hash) &&
      active().policy.alertmanager.sendResolved;
    if (!isInVain) return false;
    const nowMs = clock.now();
    await ledger.commit({ checks: [], writes: [['ZREM', keys.agenda, item]], nowMs });
    parked.set(item, nowMs);
    return true;
  }

  /** Puts everything back on the agenda, as soon as the blast radius is reset. */
  async function release(): Promise<void> {
    if (parked.size === 0 || (await isTripped())) return;
    const nowMs = clock.now();
    for (const [item, atMs] of parked) {
      const nextMs = atMs + Math.ceil((nowMs - atMs) / askAgainMs) * askAgainMs;
      const [stored] = await ledger.episodes([item.slice('episode:'.length)]);
      if (stored?.value.state !== 'open') continue;
      const writes = [['ZADD', keys.agenda, 'NX', nextMs, item] as const];
      await ledger.commit({ checks: [], writes, nowMs });
    }
    parked.clear();
  }

  async function isTripped(): Promise<boolean> {
    return (await redis.get(keys.tripped)) !== null;
  }

  return { park, release };
}

function isHeldByRadius({ state, verdicts, moreToDecide }: Episode, setHash: string): boolean {
  const held = verdicts.filter(({ fate }) => fate === 'held');
  return (
    state === 'open' &&
    moreToDecide !== true &&
    held.length > 0 &&
    held.every((verdict) => verdict.reason === 'blast_radius' && verdict.setHash === setHash)
  );
}
