import { type AlertCase, type AlertEnd, endOfAlert, troubleOf } from '../../ledger/alert-end.js';
import { dailyStatWrites, roomFor } from '../../ledger/daily-stats.js';
import type { Episode } from '../../ledger/episode.js';
import type { Ledger } from '../../ledger/ledger.js';
import { takePeriodicLease } from '../../ledger/periodic-lease.js';
import { executed } from '../../ledger/pipeline.js';
import { dayOf } from '../../ledger/playbook-stats.js';
import type { RedisContext } from '../context/context.js';

/** How long after its end an alert is counted: one that fires again soon is not over. */
const afterMs = 60_000;
const everyMs = 5_000;
const atOnce = 200;
/** In one turn, so that a stop does not wait for long after a storm. */
const maxBatches = 25;

/**
 * Counts the alerts that are over in the figures of the day on which they ended. What came of an alert
 * is in its runs and escalations, which end after it does; so it is not counted by the transaction that
 * closes it but soon after, and taken off the list by the one that counts it: exactly once.
 *
 * @throws what Redis throws; the next turn goes on where this one stopped.
 */
export async function countAlerts({
  ledger,
  clock,
}: Pick<RedisContext, 'ledger' | 'clock'>): Promise<void> {
  const nowMs = clock.now();
  if (!(await takePeriodicLease(ledger, 'count', everyMs, nowMs))) return;
  for (let batch = 0; batch < maxBatches; batch += 1) {
    if (!(await countBatch(ledger, nowMs))) return;
  }
}

/** Counts those that ended first; `false`: there are no more, or another worker counts too. */
async function countBatch(ledger: Ledger, nowMs: number): Promise<boolean> {
  const { keys, redis } = ledger;
  const until = nowMs - afterMs;
  const flat = await redis.zrangebyscore(
    keys.uncounted,
    '-inf',
    until,
    'WITHSCORES',
    'LIMIT',
    0,
    atOnce,
  );
  const ids = flat.filter((_, index) => index % 2 === 0);
  const [first] = ids;
  if (first === undefined) return false;
  // one day at a time: its room is asked for once
  const day = dayOf(Number(flat[1]));
  const scores = ids.map((_, index) => Number(flat[2 * index + 1]));
  const sameDay = ids.filter((_, index) => dayOf(scores[index] ?? 0) === day);
  const episodes = await ledger.episodesById(sameDay);
  const cases = await readCases(
    ledger,
    episodes.flatMap((episode) => episode?.cases ?? []),
  );
  const ends = new Map<AlertEnd, number>();
  const reached = new Map<string, number>();
  for (const episode of episodes) {
    // a run by hand is no alert
    if (episode === null || episode.manual !== undefined) continue;
    const end = endOfAlert(episode, casesOf(episode, cases));
    add(ends, end);
    if (end === 'by_people' || end === 'by_click') add(reached, JSON.stringify(troubleOf(episode)));
  }
  const result = await ledger.commit({
    checks: sameDay.map((member, index) => ({
      kind: 'score',
      key: keys.uncounted,
      member,
      score: scores[index] ?? 0,
    })),
    writes: [
      ['ZREM', keys.uncounted, ...sameDay],
      ...dailyStatWrites(keys, day, ends, await roomFor(ledger, day, reached)),
    ],
    nowMs,
  });
  return result.kind === 'committed' && (ids.length === atOnce || sameDay.length < ids.length);
}

function casesOf({ cases }: Episode, known: ReadonlyMap<string, AlertCase>): AlertCase[] {
  return cases.flatMap((id) => known.get(id) ?? []);
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** What hangs on cases, each read once, in three round trips. */
async function readCases(
  ledger: Ledger,
  wanted: readonly string[],
): Promise<ReadonlyMap<string, AlertCase>> {
  const { keys, redis } = ledger;
  const ids = [...new Set(wanted)];
  if (ids.length === 0) return new Map();
  const infos = redis.pipeline();
  for (const id of ids) infos.hmget(keys.caseInfo(id), 'run', 'escalation');
  const found = (await executed(infos)) as [string | null, string | null][];
  const escalations = await ledger.escalations([
    ...new Set(found.flatMap(([, escalation]) => escalation ?? [])),
  ]);
  const answeredOf = (id: string | null) => escalations.get(id ?? '')?.answer?.runId ?? null;
  const runs = await ledger.runs([
    ...new Set(
      found.flatMap(([run, escalation]) => [run ?? [], answeredOf(escalation) ?? []].flat()),
    ),
  ]);
  return new Map(
    ids.map((id, index) => {
      const [run = null, escalation = null] = found[index] ?? [];
      const part = {
        run: runs.get(run ?? '') ?? null,
        escalation: escalations.get(escalation ?? '') ?? null,
        answered: runs.get(answeredOf(escalation) ?? '') ?? null,
      };
      return [id, part];
    }),
  );
}
