import type { Episode } from './episode.js';
import type { Keys } from './keys.js';
import type { Run } from './run.js';
import type { Write } from './transaction.js';

/*
 * What is counted of a playbook, so that a person can tell how far to trust it. It is counted by the
 * transaction that ends a run, and so exactly once.
 */

/** How a run of a playbook ended, as far as its playbook is judged by it. */
export type RunEnd =
  /** It changed something, and its alerts resolved. */
  | 'helped'
  /** It changed something; no one says whether that helped. */
  | 'unverified'
  /** It could not be done, or it was and the alerts still fired. */
  | 'failed'
  /** Whether a change took effect could not be seen. */
  | 'unknown'
  /** There was nothing to do any more: the alerts resolved first, or the target stood right already. */
  | 'nothing_done'
  | 'denied'
  /** No one answered in time. */
  | 'expired'
  /** A person cancelled it. */
  | 'cancelled';

/** The numbers that are kept of a playbook; all but the last are numbers of runs, or of alerts. */
export const statNames = [
  'asked',
  'approved',
  'denied',
  'expired',
  'cancelled',
  'helped',
  'unverified',
  'failed',
  'unknown',
  'nothing_done',
  'undone',
  'shadowed',
  'ignored',
  'took_1m',
  'took_2m',
  'took_5m',
  'took_10m',
  'took_30m',
  'took_longer',
  'took_ms',
] as const;

export type StatName = (typeof statNames)[number];

/** Up to how long each class of the time until it helped reaches. */
export const tookClasses: readonly { readonly name: StatName; readonly untilMs: number }[] = [
  { name: 'took_1m', untilMs: 60_000 },
  { name: 'took_2m', untilMs: 2 * 60_000 },
  { name: 'took_5m', untilMs: 5 * 60_000 },
  { name: 'took_10m', untilMs: 10 * 60_000 },
  { name: 'took_30m', untilMs: 30 * 60_000 },
  { name: 'took_longer', untilMs: Number.POSITIVE_INFINITY },
];

/** How long the numbers of a day are kept: some 200 bytes for each playbook and day that had any. */
const evidenceDayMs = 92 * 86_400_000;
/** How long the sum is kept after it was last added to. */
const evidenceMs = 400 * 86_400_000;
/** How many runs of a playbook are found by its name: the latest. */
const runsKept = 200;

/** The day of a time, in UTC: `2026-01-31`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** How a run that has ended is judged. */
export function endOfRun({ outcome, attempts }: Pick<Run, 'outcome' | 'attempts'>): RunEnd {
  const hasActed = attempts.some(({ appliedAtMs, undo }) => appliedAtMs !== null && !undo);
  const { kind, reason } = outcome ?? { kind: 'unknown', reason: 'internal_error' };
  if (reason === 'denied' || reason === 'expired' || reason === 'cancelled') return reason;
  if (kind === 'unknown') return 'unknown';
  if (kind === 'failed') return reason === 'shadow' && !hasActed ? 'nothing_done' : 'failed';
  if (!hasActed) return 'nothing_done';
  return reason === 'resolved' ? 'helped' : 'unverified';
}

/** The writes that count a run as it ends, and list it as it begins. */
export function countRun(keys: Keys, before: Run | null, run: Run): Write[] {
  if (run.origin.kind !== 'playbook') return [];
  const { playbook } = run.origin;
  if (before === null) {
    const list = keys.runsOf(playbook);
    return [
      ['ZADD', list, run.createdAtMs, run.id],
      ['ZREMRANGEBYRANK', list, 0, -runsKept - 1],
      ['PEXPIRE', list, evidenceDayMs],
    ];
  }
  if (before.state === 'ended' || run.state !== 'ended' || run.endedAtMs === null) return [];
  const end = endOfRun(run);
  const counts: [StatName, number][] = [[end, 1]];
  if (run.escalationId !== null) {
    counts.push(['asked', 1]);
    if (before.state !== 'awaiting_approval') counts.push(['approved', 1]);
  }
  if (run.attempts.some(({ undo, appliedAtMs }) => undo && appliedAtMs !== null)) {
    counts.push(['undone', 1]);
  }
  if (end === 'helped') counts.push(...tookCounts(run, run.endedAtMs));
  return countWrites(keys, playbook, counts, run.endedAtMs);
}

/** The writes that count an alert for the playbooks that only show what they would do, or ignore it. */
export function countDispositions(keys: Keys, before: Episode | null, episode: Episode): Write[] {
  const known = before?.id === episode.id ? before.verdicts : [];
  return episode.verdicts.flatMap(({ playbook, fate, atMs }) => {
    if (playbook === null || (fate !== 'shadow' && fate !== 'ignored')) return [];
    if (known.some((disposition) => disposition.playbook === playbook && disposition.fate === fate))
      return [];
    const name = fate === 'shadow' ? 'shadowed' : 'ignored';
    return countWrites(keys, playbook, [[name, 1]], atMs);
  });
}

/** How long it took from the first change until the alerts had resolved. */
function tookCounts({ attempts }: Run, endedAtMs: number): [StatName, number][] {
  const changes = attempts.flatMap(({ appliedAtMs, undo }) => (undo ? [] : (appliedAtMs ?? [])));
  const tookMs = Math.max(0, endedAtMs - Math.min(...changes));
  const found = tookClasses.find(({ untilMs }) => tookMs <= untilMs);
  return [
    ['took_ms', tookMs],
    [found?.name ?? 'took_longer', 1],
  ];
}

function countWrites(
  keys: Keys,
  playbook: string,
  counts: readonly (readonly [StatName, number])[],
  atMs: number,
): Write[] {
  const all = keys.evidence(playbook);
  const day = keys.evidenceOn(playbook, dayOf(atMs));
  return [
    ...counts.flatMap(([name, by]): Write[] => [
      ['HINCRBY', all, name, by],
      ['HINCRBY', day, name, by],
    ]),
    ['HSETNX', all, 'since_ms', atMs],
    ['HSET', all, 'last_ms', atMs],
    ['PEXPIRE', all, evidenceMs],
    ['PEXPIRE', day, evidenceDayMs],
  ];
}
