import type { Target } from '../integrations/contract/change.js';
import type { Keys } from '../ledger/keys.js';
import { formatDuration, formatTime } from '../lib/time.js';
import type { Guard } from './guard.js';

/** A rest for a target after any change to it, in either direction, so that up does not chase down. */
export function cooldown(keys: Keys, target: Target, cooldownMs: number, nowMs: number): Guard {
  return {
    claim: { kind: 'elapsed', key: keys.changed(target.id), ms: cooldownMs },
    explain: (refusal) => {
      const untilMs = refusal.untilMs ?? nowMs + cooldownMs;
      const rest = `less than its cooldown of ${formatDuration(cooldownMs)} ago`;
      const detail = `${target.name} was changed ${rest}; the cooldown ends at ${formatTime(untilMs)}`;
      return { reason: 'cooldown', detail, untilMs };
    },
  };
}
