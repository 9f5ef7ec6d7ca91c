import { Hono } from 'hono';
import { readHistory } from '../ledger/history-lines.js';
import type { Ledger } from '../ledger/ledger.js';
import { visible } from '../lib/visible.js';
import { historyQuerySchema, readFields } from './request-schema.js';

/** Where the time stands in a line of the history, whose first field it is. */
const timeFrom = '{"received_at":"'.length;
const timeTo = timeFrom + '2026-01-31T08:15:00.123Z'.length;

/**
 * The part of `/api/v1` that gives out what was received, as JSON lines and as fast as they are read.
 * Bad input is thrown as InputError. A Redis that is lost on the way breaks the answer off.
 */
export function createHistoryApi({ ledger }: { readonly ledger: Ledger }): Hono {
  const api = new Hono();

  api.get('/api/v1/history', async (c) => {
    const { since, until } = readFields(historyQuerySchema, c.req.query());
    const chunks = chunksBetween(ledger, since, until);
    // the first is read before anything is answered: without Redis there is no answer at all
    const first = await chunks.next();
    const body = ReadableStream.from(
      (async function* () {
        const encoder = new TextEncoder();
        if (!first.done) yield encoder.encode(first.value);
        for await (const chunk of chunks) yield encoder.encode(chunk);
      })(),
    );
    return c.body(body, 200, { 'content-type': 'application/x-ndjson' });
  });

  return api;
}

async function* chunksBetween(ledger: Ledger, sinceMs: number, untilMs: number) {
  const since = new Date(sinceMs).toISOString();
  const until = new Date(untilMs).toISOString();
  // what waited in the queue was received before it was taken in, never after
  for await (const lines of readHistory(ledger, sinceMs)) {
    const wanted = lines.filter((line) => {
      const time = line.slice(timeFrom, timeTo);
      return time >= since && time <= until;
    });
    if (wanted.length > 0) yield `${visible(wanted.join('\n'), '\n')}\n`;
  }
}
