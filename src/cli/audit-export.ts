import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Config } from '../config.js';
import { toJsonLine } from '../ledger/audit-lines.js';
import { readTrail, trailMoment } from '../ledger/audit-trail.js';
import type { Ledger } from '../ledger/ledger.js';
import { visitLedger } from './visit.js';

interface Range {
  /** When Redis took a record, both inclusive. */
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

/**
 * `jidoka audit export`: writes the records of a range, with the blocks that seal them, to standard
 * output as fast as it is read. Gives back the exit code; a reader that has seen enough is no fault.
 */
export function exportTrail(config: Config, range: Range): Promise<number> {
  return visitLedger(config, async (ledger) => {
    try {
      await pipeline(Readable.from(linesOf(ledger, range)), process.stdout, { end: false });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
    }
    return 0;
  });
}

async function* linesOf(
  ledger: Ledger,
  { sinceMs, untilMs }: Range,
): AsyncGenerator<string, void, undefined> {
  const since = sinceMs === undefined ? '-' : `${sinceMs}-0`;
  const until = untilMs === undefined ? '+' : `${untilMs}-${Number.MAX_SAFE_INTEGER}`;
  for await (const item of readTrail(ledger, await trailMoment(ledger), { since, until })) {
    yield `${toJsonLine(item)}\n`;
  }
}
