import { lastDays } from './daily-stats.js';
import type { Ledger } from './ledger.js';
import { executed } from './pipeline.js';
import { type StatName, statNames, tookClasses } from './playbook-stats.js';

export type StatCounts = Readonly<Record<StatName, number>>;

/** What is known of a playbook by what came of it. */
export interface PlaybookStats {
  /** Over all that is kept. */
  readonly total: StatCounts;
  /** Since when it is counted, and when it was last; `null`: never. */
  readonly sinceMs: number | null;
  readonly lastMs: number | null;
  /** By day (UTC), the oldest first; a day without any has zeros. */
  readonly days: readonly { readonly day: string; readonly counts: StatCounts }[];
}

/**
 * Reads the evidence of these playbooks with that of so many days up to now, in one round trip.
 *
 * @throws what Redis throws.
 */
export async function readPlaybookStats(
  { redis, keys }: Ledger,
  playbooks: readonly string[],
  { days, nowMs }: { readonly days: number; readonly nowMs: number },
): Promise<readonly PlaybookStats[]> {
  if (playbooks.length === 0) return [];
  const wanted = lastDays(days, nowMs);
  const pipeline = redis.pipeline();
  for (const playbook of playbooks) {
    pipeline.hgetall(keys.evidence(playbook));
    for (const day of wanted) pipeline.hgetall(keys.evidenceOn(playbook, day));
  }
  const answers = (await executed(pipeline)) as Readonly<Record<string, string>>[];
  return playbooks.map((_, index) => {
    const [total = {}, ...byDay] = answers.slice(index * (days + 1), (index + 1) * (days + 1));
    const timeOf = (field: string) => (total[field] === undefined ? null : Number(total[field]));
    return {
      total: countsOf(total),
      sinceMs: timeOf('since_ms'),
      lastMs: timeOf('last_ms'),
      days: wanted.map((day, place) => ({ day, counts: countsOf(byDay[place] ?? {}) })),
    };
  });
}

/** How many runs began their work: those that no one denied or left unanswered, and that found something to do. */
export function ranOf({ helped, unverified, failed, unknown }: StatCounts): number {
  return helped + unverified + failed + unknown;
}

/**
 * How long it took until a playbook had helped, from its first change: on average, and the time within
 * which half of its runs did (as far as the classes tell; `null`: longer than the maxValueLength). `null`: it
 * has not helped yet.
 */
export function tookOf(
  counts: StatCounts,
): { readonly meanMs: number; readonly halfWithinMs: number | null } | null {
  if (counts.helped === 0) return null;
  let seen = 0;
  const half = tookClasses.find(({ name }) => {
    seen += counts[name];
    return 2 * seen >= counts.helped;
  });
  const withinMs = half?.untilMs ?? Number.POSITIVE_INFINITY;
  return {
    meanMs: Math.round(counts.took_ms / counts.helped),
    halfWithinMs: Number.isFinite(withinMs) ? withinMs : null,
  };
}

function countsOf(fields: Readonly<Record<string, string>>): StatCounts {
  return counted((name) => Number(fields[name] ?? 0));
}

function counted(countOf: (name: StatName) => number): StatCounts {
  return Object.fromEntries(statNames.map((name) => [name, countOf(name)])) as StatCounts;
}
