import type { Ledger } from '../ledger/ledger.js';
import { executed } from '../ledger/pipeline.js';
import type { RunLimit } from '../ledger/run.js';
import type { LimitScope } from './limit.js';

/** What is left of a limit. */
export interface Allowance {
  /** What it counts: `scale-service-up on web`, `the whole fleet`. */
  readonly scope: string;
  readonly count: number;
  readonly windowMs: number;
  /** How many runs have begun within the window. */
  readonly used: number;
  /** When there is room again; `null`: there is. */
  readonly freeAtMs: number | null;
}

/**
 * Reads what is left of limits, in one round trip. It only looks: what decides is the guard
 * (`limit.ts`), in the transaction that begins a run.
 *
 * @throws what Redis throws.
 */
export async function readAllowances(
  { redis, keys }: Ledger,
  scopes: readonly { readonly scope: LimitScope; readonly limits: readonly RunLimit[] }[],
  nowMs: number,
): Promise<readonly (readonly Allowance[])[]> {
  const limited = scopes.filter(({ limits }) => limits.length > 0);
  if (limited.length === 0) return scopes.map(() => []);
  const pipeline = redis.pipeline();
  for (const { scope, limits } of limited) {
    const longestMs = Math.max(...limits.map(({ windowMs }) => windowMs));
    pipeline.zrangebyscore(
      keys.admissions(scope.id),
      `(${nowMs - longestMs}`,
      '+inf',
      'WITHSCORES',
    );
  }
  const answers = (await executed(pipeline)) as string[][];
  const times = new Map(
    limited.map(({ scope }, index) => [
      scope.id,
      (answers[index] ?? []).filter((_, place) => place % 2 === 1).map(Number),
    ]),
  );
  return scopes.map(({ scope, limits }) =>
    limits.map((limit) => allowanceOf(scope.name, limit, times.get(scope.id) ?? [], nowMs)),
  );
}

function allowanceOf(
  scope: string,
  { count, windowMs }: RunLimit,
  times: readonly number[],
  nowMs: number,
): Allowance {
  const within = times.filter((atMs) => atMs > nowMs - windowMs);
  const leaves = within[within.length - count];
  const freeAtMs = leaves === undefined || within.length < count ? null : leaves + windowMs;
  return { scope, count, windowMs, used: within.length, freeAtMs };
}
