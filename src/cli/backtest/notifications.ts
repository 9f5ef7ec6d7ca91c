import type { Received } from '../../alertmanager/received.js';
import { readHistoryLine } from '../../engine/reports/history-line.js';
import { InputError, messageOf } from '../../lib/errors.js';

/** A line that is no notification. */
export interface BadLine {
  readonly line: number;
  readonly fault: string;
}

interface Options {
  readonly bytes: AsyncIterable<Buffer | Uint8Array>;
  /** Received then or later, or then or earlier; `undefined`: whenever. */
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
  readonly onBadLine: (bad: BadLine) => void;
  /** A line was received more than `orderMs` before an earlier line. */
  readonly onLate: (line: number) => void;
}

/** Up to which disorder of lines nothing is said: workers take notifications in side by side. */
export const orderMs = 5 * 60_000;

/**
 * Reads notifications from JSON lines, one after another. A bad line is left out. The time of a
 * notification that carries none (the bare body of a webhook) never lies before the line before it.
 *
 * @throws what reading the bytes throws.
 */
export async function* readNotifications(options: Options): AsyncGenerator<Received> {
  const { bytes, onBadLine, onLate } = options;
  const { sinceMs = Number.NEGATIVE_INFINITY, untilMs = Number.POSITIVE_INFINITY } = options;
  let latestMs = Number.NEGATIVE_INFINITY;
  let number = 0;
  for await (const lines of linesOf(bytes)) {
    for (const line of lines) {
      number += 1;
      if (line === '' || line === '\r') continue;
      let received: Received;
      try {
        received = readHistoryLine(line, latestMs);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        onBadLine({ line: number, fault: messageOf(error) });
        continue;
      }
      const { receivedAtMs } = received;
      if (receivedAtMs < sinceMs || receivedAtMs > untilMs) continue;
      if (receivedAtMs < latestMs - orderMs) onLate(number);
      latestMs = Math.max(latestMs, receivedAtMs);
      yield received;
    }
  }
}

async function* linesOf(
  bytes: AsyncIterable<Buffer | Uint8Array>,
): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield lines;
  }
  if (rest !== '') yield [rest];
}
