import type { Redis } from 'ioredis';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import { lengthInWords } from '../lib/time.js';

/**
 * Measures by how many milliseconds the clock of this machine is ahead of that of Redis; negative: behind.
 * The way there and back counts half. `null`: this user of Redis may not ask for the time. Throws what
 * Redis throws otherwise.
 */
export async function clockSkewMs(
  redis: Pick<Redis, 'time'>,
  clock: Clock,
): Promise<number | null> {
  const beforeMs = clock.now();
  const time = await redis.time().catch((error: unknown) => {
    if (messageOf(error).startsWith('NOPERM')) return null;
    throw error;
  });
  if (time === null) return null;
  const [seconds, micros] = time;
  const hereMs = (beforeMs + clock.now()) / 2;
  return hereMs - (Number(seconds) * 1_000 + Number(micros) / 1_000);
}

/** In words: `2 h ahead of that of Redis`. */
export function skewInWords(skewMs: number): string {
  return `${lengthOf(Math.abs(skewMs))} ${skewMs > 0 ? 'ahead of' : 'behind'} that of Redis`;
}

function lengthOf(ms: number): string {
  return ms < 60_000
    ? `${(ms / 1_000).toFixed(1)} s`
    : lengthInWords(Math.round(ms / 1_000) * 1_000);
}
