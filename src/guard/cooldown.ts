import type { Keys } from '../ledger/keys.js';
import type { Target } from '../target/change.js';
import type { Guard } from './guard.js';

/** A rest for a target after any change to it, in either direction, so that up does not chase down. */
export function cooldown(keys: Keys, target: Target, cooldownMs: number, nowMs: number): Guard {
  return {
    claim: { kind: 'elapsed', key: keys.changed(target.id), ms: cooldownMs },
    explain: ({ untilMs }) => ({
      reason: 'cooldown',
      detail: `${target.name} was changed less than ${cooldownMs / 1000} s ago`,
      untilMs: untilMs ?? nowMs + cooldownMs,
    }),
  };
}
