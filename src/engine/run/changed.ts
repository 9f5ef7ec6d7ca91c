import type { Attempt } from '../../ledger/run.js';
import type { Write } from '../../ledger/transaction.js';
import type { Target } from '../../target/change.js';
import type { EngineParts } from '../parts.js';

/*
 * When a target was last changed, which cooldowns count from. It is written with the intention, since
 * after a crash nobody knows whether the change has happened, and taken back where it surely has not.
 */

const keptMs = 7 * 24 * 3_600_000;

/** When the target was last changed; `null`: not for as long as any cooldown lasts. */
export async function lastChange({ ledger }: EngineParts, { id }: Target): Promise<number | null> {
  const found = await ledger.redis.get(ledger.keys.changed(id));
  return found === null ? null : Number(found);
}

/** Notes that the target is changed at `atMs`, for as long as a cooldown may ask for it. */
export function changeWrites(
  { ledger, active }: EngineParts,
  { id }: Target,
  atMs: number,
): Write[] {
  const longestMs = Math.max(keptMs, active().library.longestCooldownMs);
  return [['SET', ledger.keys.changed(id), atMs, 'PX', longestMs]];
}

/** Puts back what was noted before a change that has surely not happened. */
export function restoreWrites(parts: EngineParts, { change, changedBeforeMs }: Attempt): Write[] {
  return changedBeforeMs == null
    ? [['DEL', parts.ledger.keys.changed(change.target.id)]]
    : changeWrites(parts, change.target, changedBeforeMs);
}
