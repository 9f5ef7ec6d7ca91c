import type { EngineContext } from '../engine/context/context.js';
import { askAgainMs } from '../guard/blast-radius.js';
import type { Episode } from '../ledger/episode.js';
import { readScheduleItem, type ScheduleItem } from '../ledger/schedule-item.js';

/**
 * While the blast radius is tripped, the engine retries each deferred decision every 30 s, and defers it
 * again. A simulation skips that: it parks such decisions, and puts them back for their first retry after
 * the reset.
 */
export function createParking({ ledger, clock, active }: EngineContext) {
  const { keys, redis } = ledger;
  /** Items that were taken off the schedule, by a time at which they were due. */
  const parked = new Map<ScheduleItem, number>();

  /** Takes an item off the schedule if a look would change nothing; `false`: it needs a look. */
  async function park(item: ScheduleItem): Promise<boolean> {
    const { kind, id } = readScheduleItem(item);
    if (kind !== 'episode' || !(await isTripped())) return false;
    const [stored] = await ledger.episodes([id]);
    const changesNothing =
      stored != null &&
      isHeldByRadius(stored.value, active().hash) &&
      active().policy.alertmanager.sendResolved;
    if (!changesNothing) return false;
    const nowMs = clock.now();
    await ledger.commit({ checks: [], writes: [['ZREM', keys.schedule, item]], nowMs });
    parked.set(item, nowMs);
    return true;
  }

  /** Puts everything back on the schedule, once the blast radius is reset. */
  async function release(): Promise<void> {
    if (parked.size === 0 || (await isTripped())) return;
    const nowMs = clock.now();
    for (const [item, atMs] of parked) {
      const nextMs = atMs + Math.ceil((nowMs - atMs) / askAgainMs) * askAgainMs;
      const [stored] = await ledger.episodes([readScheduleItem(item).id]);
      if (stored?.value.state !== 'open') continue;
      const writes = [['ZADD', keys.schedule, 'NX', nextMs, item] as const];
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
    held.every(
      (disposition) => disposition.reason === 'blast_radius' && disposition.setHash === setHash,
    )
  );
}
