import { type AlertEnd, alertEnds } from './alert-end.js';
import type { Keys } from './keys.js';
import type { Ledger } from './ledger.js';
import { executed } from './pipeline.js';
import { dayOf } from './playbook-stats.js';
import type { Write } from './transaction.js';

/** How many alerts came to their end in which way. */
export type Ends = Readonly<Record<AlertEnd, number>>;

/** The same for one day (UTC). */
export interface DayStats {
  /** `2026-01-31` */
  readonly day: string;
  readonly ends: Ends;
}

/** A kind of alert that reached people, and how often. */
export interface Reached {
  readonly labels: Readonly<Record<string, string>>;
  readonly count: number;
}

/** The figures of several days, the oldest first. */
export interface DailyStats {
  readonly days: readonly DayStats[];
  /** The alerts that reached people most often, the most frequent first. */
  readonly reached: readonly Reached[];
  /** How many more alerts reached people on days with too many kinds to keep each. */
  readonly reachedOthers: number;
}

/** How many days are kept: some 150 bytes each, and what reached people. */
export const statDays = 400;
const dayMs = 24 * 3_600_000;
const keptMs = statDays * dayMs;
/** How many kinds of alerts are kept of those that reached people on a day; what comes later is counted as one. */
export const maxReached = 200;
const others = 'others';
const shownReached = 20;

/** The writes that count alerts that ended on a day; `reached`: those that reached people, as they are to be listed. */
export function dailyStatWrites(
  keys: Keys,
  day: string,
  ends: ReadonlyMap<AlertEnd, number>,
  reached: ReadonlyMap<string, number>,
): Write[] {
  const writes: Write[] = [];
  for (const [end, count] of ends) writes.push(['HINCRBY', keys.figures(day), end, count]);
  for (const [name, count] of reached) writes.push(['ZINCRBY', keys.reached(day), count, name]);
  if (ends.size > 0) writes.push(['PEXPIRE', keys.figures(day), keptMs]);
  if (reached.size > 0) writes.push(['PEXPIRE', keys.reached(day), keptMs]);
  return writes;
}

/**
 * Those of these kinds of alerts that there is room for on a day; the rest are put together.
 *
 * @throws what Redis throws.
 */
export async function roomFor(
  { redis, keys }: Ledger,
  day: string,
  reached: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  if (reached.size === 0) return reached;
  const names = [...reached.keys()];
  const key = keys.reached(day);
  const [size, scores] = await executed(
    redis
      .pipeline()
      .zcard(key)
      .zmscore(key, ...names),
  );
  let free = maxReached - Number(size);
  const kept = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const isKnown = (scores as (string | null)[])[index] !== null;
    if (!isKnown) free -= 1;
    const as = isKnown || free >= 0 ? name : others;
    kept.set(as, (kept.get(as) ?? 0) + (reached.get(name) ?? 0));
  }
  return kept;
}

/**
 * Reads the figures of so many days up to now, in one round trip.
 *
 * @throws what Redis throws.
 */
export async function readDailyStats(
  { redis, keys }: Ledger,
  days: number,
  nowMs: number,
): Promise<DailyStats> {
  const wanted = lastDays(days, nowMs);
  const pipeline = redis.pipeline();
  for (const day of wanted) pipeline.hmget(keys.figures(day), ...alertEnds);
  pipeline.zunion(wanted.length, ...wanted.map(keys.reached), 'WITHSCORES');
  const answers = await executed(pipeline);
  const flat = answers.pop() as string[];
  const reached: Reached[] = [];
  let reachedOthers = 0;
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const count = Number(flat[index + 1]);
    if (flat[index] === others) reachedOthers = count;
    else reached.push({ labels: JSON.parse(flat[index] ?? '{}'), count });
  }
  return {
    days: wanted.map((day, index) => ({ day, ends: endsOf(answers[index] as Counts) })),
    reached: reached.sort((a, b) => b.count - a.count).slice(0, shownReached),
    reachedOthers,
  };
}

/** The days up to now, the oldest first. */
export function lastDays(days: number, nowMs: number): readonly string[] {
  return Array.from({ length: days }, (_, index) => dayOf(nowMs - (days - 1 - index) * dayMs));
}

type Counts = readonly (string | null)[];

function endsOf(counts: Counts): Ends {
  const entries = alertEnds.map((end, index) => [end, Number(counts[index] ?? 0)] as const);
  return Object.fromEntries(entries) as Record<AlertEnd, number>;
}
