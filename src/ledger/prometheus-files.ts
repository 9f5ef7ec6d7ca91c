import { shortHash } from '../lib/short-hash.js';
import type { Ledger } from './ledger.js';
import type { Check } from './transaction.js';

/** What workers record for Prometheus: its rule file, its targets, and what each service says. */
export interface PrometheusFiles {
  readonly rules: string;
  readonly targets: string;
  readonly services: string;
}

export type PrometheusFile = keyof PrometheusFiles;

/** A rule that Prometheus did not take, as the program beside it reports it. */
export interface RefusedRule {
  readonly service: string;
  readonly alert: string;
  readonly error: string;
}

/** So long files count after a worker last saw that they are right. */
const freshMs = 30_000;
/** So long a report of refused rules counts after it was last made. */
const refusedMs = 10 * 60_000;

/** Tells files apart. */
export function digestOf(files: PrometheusFiles): string {
  return [files.rules, files.targets, files.services].map(shortHash).join(' ');
}

/** Records files that have changed. Throws what Redis throws. */
export async function writePrometheusFiles(
  { keys, commit }: Ledger,
  files: PrometheusFiles,
  nowMs: number,
): Promise<void> {
  await commit({
    checks: [],
    writes: [
      ['SET', keys.prometheusFile('rules'), files.rules],
      ['SET', keys.prometheusFile('targets'), files.targets],
      ['SET', keys.prometheusFile('services'), files.services],
      ['SET', keys.prometheusFresh, digestOf(files), 'PX', freshMs],
    ],
    nowMs,
  });
}

/**
 * Says that the recorded files are still right. Files that another worker recorded and keeps up are left:
 * it may have seen a change first. Those that no one keeps up are replaced. Throws what Redis throws.
 */
export async function keepPrometheusFiles(
  ledger: Ledger,
  files: PrometheusFiles,
  nowMs: number,
): Promise<void> {
  const { keys, redis, commit } = ledger;
  const key = keys.prometheusFresh;
  const recorded = await redis.get(key);
  if (recorded === null) return writePrometheusFiles(ledger, files, nowMs);
  const digest = digestOf(files);
  if (recorded !== digest) return;
  const check: Check = { kind: 'string', key, value: digest };
  await commit({ checks: [check], writes: [['SET', key, digest, 'PX', freshMs]], nowMs });
}

/**
 * Reads a file, or only its tag where the caller has it already; `null`: no worker sees the services at
 * present, and what was recorded may be wrong. Throws what Redis throws.
 */
export async function readPrometheusFile(
  { keys, redis }: Pick<Ledger, 'keys' | 'redis'>,
  file: PrometheusFile,
  known?: string,
): Promise<{ readonly tag: string; readonly text: string | undefined } | null> {
  const place = { rules: 0, targets: 1, services: 2 }[file];
  const tagIn = (digest: string | null) => digest?.split(' ')[place];
  const tag = tagIn(await redis.get(keys.prometheusFresh));
  if (tag === undefined) return null;
  if (tag === known) return { tag, text: undefined };
  const [text, digest] = await redis.mget(keys.prometheusFile(file), keys.prometheusFresh);
  const now = tagIn(digest ?? null);
  if (now === undefined || typeof text !== 'string') return null;
  return { tag: now, text };
}

/** Records which rules Prometheus refuses, in place of the earlier report. Throws what Redis throws. */
export async function writeRefusedRules(
  { keys, commit }: Pick<Ledger, 'keys' | 'commit'>,
  rules: readonly RefusedRule[],
  nowMs: number,
): Promise<void> {
  await commit({
    checks: [],
    writes: [['SET', keys.prometheusRefused, JSON.stringify(rules), 'PX', refusedMs]],
    nowMs,
  });
}

/** Reads which rules Prometheus refuses, as was last reported. Throws what Redis throws. */
export async function readRefusedRules({
  keys,
  redis,
}: Pick<Ledger, 'keys' | 'redis'>): Promise<readonly RefusedRule[]> {
  const text = await redis.get(keys.prometheusRefused);
  return text === null ? [] : (JSON.parse(text) as readonly RefusedRule[]);
}
