import type { Target } from '../../integrations/contract/change.js';
import type { Attempt } from '../../ledger/run.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';

/*
 * When a target was last changed, which cooldowns count from. It is written with the intention, since
 * after a crash no one knows whether the change has happened, and taken back where it surely has not.
 */

const keptMs = 7 * 24 * 3_600_000;

/** When the target was last changed; `null`: not for as long as any cooldown lasts. */
export async function lastChange(
  { ledger }: EngineContext,
  { id }: Target,
): Promise<number | null> {
  const found = await ledger.redis.get(ledger.keys.changed(id));
  return found === null ? null : Number(found);
}

/** Notes that the target is changed at `atMs`, for as long as a cooldown may ask for it. */
export function changeWrites(
  { ledger, active }: EngineContext,
  { id }: Target,
  atMs: number,
): Write[] {
  const keepMs = Math.max(keptMs, active().library.maxCooldownMs);
  return [['SET', ledger.keys.changed(id), atMs, 'PX', keepMs]];
}

/** Puts back what was noted before a change that has surely not happened. */
export function restoreWrites(
  context: EngineContext,
  { change, changedBeforeMs }: Attempt,
): Write[] {
  return changedBeforeMs == null
    ? [['DEL', context.ledger.keys.changed(change.target.id)]]
    : changeWrites(context, change.target, changedBeforeMs);
}
