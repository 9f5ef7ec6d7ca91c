import type { Redis } from 'ioredis';
import { clockSkewMs, skewInWords } from '../../ledger/clock-skew.js';
import { maxSkewMs } from '../../ledger/fence.js';
import type { Clock } from '../../lib/clock.js';
import { InputError } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';

/** From how much on people are warned, and how much less it has to become before they are warned again. */
const warnMs = 5_000;
const settledMs = 2_000;

const advice = 'run NTP (chrony, systemd-timesyncd) on this machine and on that of Redis';

/**
 * Compares the clock of this machine with that of Redis, by which the engines of a cell agree on when a
 * lease, a cooldown or a limit ends.
 */
export function createClockWatch({
  redis,
  clock,
  log,
}: {
  readonly redis: Pick<Redis, 'time'>;
  readonly clock: Clock;
  readonly log: Logger;
}) {
  let said: 'nothing' | 'warning' | 'refusal' = 'nothing';

  /** @throws InputError when the clock is too far from that of Redis to begin; what Redis throws. */
  async function refuse(): Promise<void> {
    const skewMs = await clockSkewMs(redis, clock);
    if (skewMs === null || Math.abs(skewMs) <= maxSkewMs) return;
    throw new InputError(
      `the clock of this machine is ${skewInWords(skewMs)}, and at most ${maxSkewMs / 1_000} s are allowed, because engines would take each other's changes for abandoned. To fix it, ${advice}`,
      'clock',
    );
  }

  /** Warns when the clock begins to differ, and says when it fits again. Throws what Redis throws. */
  async function look(): Promise<void> {
    const skewMs = await clockSkewMs(redis, clock);
    if (skewMs === null) return;
    const about = { seconds: Math.round(skewMs / 1_000), advice };
    const words = `the clock of this machine is ${skewInWords(skewMs)}`;
    if (Math.abs(skewMs) > maxSkewMs) {
      if (said !== 'refusal')
        log.error(about, `${words}: this engine changes nothing until the clocks agree`);
      said = 'refusal';
    } else if (Math.abs(skewMs) > warnMs) {
      if (said !== 'warning') log.warn(about, words);
      said = 'warning';
    } else if (said !== 'nothing' && Math.abs(skewMs) < settledMs) {
      log.warn({ seconds: about.seconds }, 'clock agrees with Redis again');
      said = 'nothing';
    }
  }

  return { refuse, look };
}
