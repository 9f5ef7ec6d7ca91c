import { setTimeout } from 'node:timers/promises';

/** The file system gave no answer in time. The message names the path and what to look at. */
export class HangingError extends Error {
  override readonly name = 'HangingError';

  constructor(
    message: string,
    /** Settles, without an error, when the file system has answered after all. */
    readonly settled: Promise<void>,
  ) {
    super(message);
  }
}

/** How long one call of the file system may take, and all of a read; looked at this often. */
const quietMs = 10_000;
const wholeMs = 60_000;
const tickMs = 250;

/** Reads that have not ended, those among them that were given up. */
const reads = new Set<Promise<void>>();
let isEnding = false;
/** How long reads may take to end when the process is to exit. */
const endWithinMs = 1_000;

/**
 * Reads files, and gives up when nothing is answered for 10 s, or after 60 s in all.
 *
 * @param read calls `at` with the path before each call; `at` throws when the read was given up
 * @throws HangingError when it is given up, else what the read throws.
 */
export async function withinDeadline<T>(
  read: (at: (path: string) => void) => Promise<T>,
): Promise<T> {
  let path = '';
  let isGivenUp = false;
  let quietTicks = 0;
  const endsMs = performance.now() + wholeMs;
  const reading = read((next) => {
    if (isGivenUp || isEnding) throw new Error('the read was given up');
    path = next;
    quietTicks = 0;
  });
  const settled: Promise<void> = reading.then(
    () => {},
    () => {},
  );
  reads.add(settled);
  settled.then(() => reads.delete(settled));
  let ticking: NodeJS.Timeout | undefined;
  const givenUp = new Promise<never>((_, reject) => {
    const giveUp = (why: string) => {
      isGivenUp = true;
      reject(new HangingError(`${path}: ${why}`, settled));
    };
    // ticks are counted, not time: an event loop that was busy has heard no answers
    ticking = setInterval(() => {
      quietTicks += 1;
      if (quietTicks * tickMs >= quietMs) {
        giveUp(`the file system has not answered for ${quietMs / 1_000} s; is it mounted?`);
      } else if (performance.now() > endsMs) {
        giveUp(`reading took longer than ${wholeMs / 1_000} s`);
      }
    }, tickMs);
  });
  try {
    return await Promise.race([reading, givenUp]);
  } finally {
    clearInterval(ticking);
  }
}

/**
 * Ends all reads before the process exits. Node cannot end a call of the file system that hangs, and would wait
 * for it for ever: where there is one, this kills the process, and its exit code is that of the signal (137).
 */
export async function endReads(): Promise<void> {
  isEnding = true;
  await Promise.race([Promise.all(reads), setTimeout(endWithinMs)]);
  if (reads.size === 0) return;
  process.kill(process.pid, 'SIGKILL');
  // the first process of a container cannot kill itself by a signal
  process.abort();
}
