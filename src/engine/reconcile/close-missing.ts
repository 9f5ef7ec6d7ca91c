import { executed } from '../../ledger/pipeline.js';
import type { RedisContext } from '../context/context.js';
import { closeEpisode } from '../episode/close-episode.js';
import type { AlertmanagerSnapshot } from './alertmanager-snapshot.js';

/** Since when, and in how many readings in a row, an open episode's alert has not been listed. */
interface Absence {
  readonly sinceMs: number;
  readonly readings: number;
}

export interface AbsenceRule {
  /** How long an alert must have been absent … */
  readonly closeAfterMs: number;
  /** … and in how many readings, before its episode is closed. */
  readonly closeAfterReadings: number;
}

const atOnce = 500;

/** Closes the open episodes whose alerts are surely gone. It is called only for a complete snapshot. */
export async function closeGone(
  context: RedisContext,
  { present }: AlertmanagerSnapshot,
  rule: AbsenceRule,
  readAtMs: number,
): Promise<number> {
  const { ledger } = context;
  const { keys, redis } = ledger;
  const known = await readAbsences(context);
  const next = new Map<string, Absence>();
  for await (const identity of openIdentities(context)) {
    if (present.has(identity)) continue;
    const before = known.get(identity) ?? { sinceMs: readAtMs, readings: 0 };
    next.set(identity, { ...before, readings: before.readings + 1 });
  }

  const due = [...next].filter(([, { sinceMs, readings }]) => {
    return readings >= rule.closeAfterReadings && sinceMs + rule.closeAfterMs <= readAtMs;
  });
  let closed = 0;
  for (let start = 0; start < due.length; start += atOnce) {
    const batch = due.slice(start, start + atOnce);
    const episodes = await ledger.episodes(batch.map(([identity]) => identity));
    for (const [index, [identity, { sinceMs }]] of batch.entries()) {
      const stored = episodes[index];
      if (stored == null || stored.value.state === 'closed') {
        next.delete(identity);
      } else if (stored.value.lastSeenAtMs >= sinceMs) {
        // it was delivered meanwhile: the count starts again
        next.set(identity, { sinceMs: readAtMs, readings: 1 });
      } else if (stored.value.source === 'alertmanager') {
        const minutes = Math.round((readAtMs - sinceMs) / 60_000);
        const detail = `not listed for ${minutes} min by any Alertmanager that answers`;
        const done = await closeEpisode(context, stored, {
          reason: 'reconciled',
          detail,
          nowMs: context.clock.now(),
        });
        if (done) next.delete(identity);
        if (done) closed += 1;
      }
    }
  }

  const pipeline = redis.multi().del(keys.absences);
  for (const [identity, absence] of next) {
    pipeline.hset(keys.absences, identity, JSON.stringify(absence));
  }
  await executed(pipeline);
  return closed;
}

async function readAbsences({ ledger }: RedisContext): Promise<ReadonlyMap<string, Absence>> {
  const fields = await ledger.redis.hgetall(ledger.keys.absences);
  return new Map(
    Object.entries(fields).map(([identity, text]) => [identity, JSON.parse(text) as Absence]),
  );
}

/** Every identity that is open all the time while this reads them, batch by batch. */
async function* openIdentities({ ledger }: RedisContext): AsyncGenerator<string> {
  let cursor = '0';
  do {
    const [next, found] = await ledger.redis.zscan(
      ledger.keys.openEpisodes,
      cursor,
      'COUNT',
      atOnce,
    );
    for (let index = 0; index < found.length; index += 2) yield found[index] ?? '';
    cursor = next;
  } while (cursor !== '0');
}
