import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseTimestamp } from '../alertmanager/timestamp.js';
import { readConfig } from '../app/config.js';
import { toJsonLine } from '../audit/lines.js';
import { readTrail, type TrailItem, trailMoment } from '../audit/trail.js';
import type { Ledger } from '../ledger/ledger.js';
import { visible } from '../lib/visible.js';
import { UsageError } from './usage-error.js';
import { visitLedger } from './visit.js';

/** The options of `jidoka audit export`. */
export interface AuditExportOptions {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

interface Range {
  /** When Redis took a record, both inclusive. */
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

/**
 * `jidoka audit export`: writes the records of a range, with the blocks that seal them, to standard
 * output as fast as it is read. Returns the exit code; a reader that stops reading is no error.
 */
export async function auditExport(
  { since, until }: AuditExportOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const range = { sinceMs: timeOf('since', since), untilMs: timeOf('until', until) };
  return visitLedger(readConfig(env), async (ledger) => {
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
    yield exportedLine(item);
  }
}

/** A piece of the trail as a line that a terminal may show; it is verified all the same. */
export function exportedLine(item: TrailItem): string {
  return `${visible(toJsonLine(item))}\n`;
}

function timeOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseTimestamp(text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new UsageError(`--${name}: expected a time such as 2026-01-31T08:00:00Z, got "${text}"`);
}
