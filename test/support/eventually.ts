import { setTimeout as sleep } from 'node:timers/promises';
import { vi } from 'vitest';

/** Long enough for a machine that does much else; what never comes is no faster to see with less. */
export const patienceMs = 60_000;

/** Waits until something holds, and fails with what was seen last. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean,
  withinMs = patienceMs,
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > giveUpAt) {
      throw new Error(
        `not within ${withinMs / 1_000} s: ${what}; last seen: ${JSON.stringify(seen)}`,
      );
    }
    await sleep(100);
  }
}

/** Waits until a check no longer throws, and fails with what it threw last. */
export function untilPasses<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: patienceMs, interval: 50 });
}
