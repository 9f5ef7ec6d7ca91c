import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until something holds, and fails with what was seen last. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  holds: (seen: T) => boolean,
  withinMs = 60_000,
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (Date.now() > giveUpAt) {
      throw new Error(
        `waited ${withinMs / 1_000} s in vain until ${what}; last seen: ${JSON.stringify(seen)}`,
      );
    }
    await sleep(100);
  }
}
