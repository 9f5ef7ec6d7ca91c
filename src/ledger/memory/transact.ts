import type { Check, Claim, Refusal, Transaction, TransactionResult } from '../transaction.js';
import { execute } from './commands.js';
import type { Keyspace } from './keyspace.js';

/**
 * What the script of `transaction.ts` does, on a store in memory: the two are one thing said twice, and
 * a test of random transactions holds them together.
 */
export function transactInMemory(
  keys: Keyspace,
  { checks, claims = [], writes, nowMs }: Transaction,
): TransactionResult {
  for (const [index, check] of checks.entries()) {
    if (!holds(keys, check)) return { kind: 'conflict', check: index };
  }
  const refusals: Refusal[] = [];
  for (const [index, claim] of claims.entries()) {
    const refused = refusal(keys, claim, refusals.length === 0, nowMs);
    if (refused === null) continue;
    refusals.push({ claim: index, untilMs: refused.untilMs ?? null, detail: refused.detail ?? '' });
  }
  if (refusals.length > 0) return { kind: 'refused', refusals };
  for (const claim of claims) take(keys, claim, nowMs);
  for (const write of writes) execute(keys, write);
  return { kind: 'committed' };
}

/** What `probe` of `transaction.ts` does: tells all that is in the way, and leaves everything as it is. */
export function probeInMemory(
  keys: Keyspace,
  claims: readonly Claim[],
  nowMs: number,
): readonly Refusal[] {
  return claims.flatMap((claim, index) => {
    const refused =
      claim.kind === 'unpaused'
        ? pausesOf(keys, claim, nowMs)
        : [refusal(keys, harmless(claim), true, nowMs)];
    return refused
      .filter((one) => one !== null)
      .map(({ untilMs = null, detail = '' }) => ({ claim: index, untilMs, detail }));
  });
}

function harmless(claim: Claim): Claim {
  return claim.kind === 'radius' ? { ...claim, trips: [] } : claim;
}

function holds(keys: Keyspace, check: Check): boolean {
  switch (check.kind) {
    case 'rev':
      return Number(keys.hash(check.key)?.get('rev') ?? 0) === check.rev;
    case 'field':
      return keys.hash(check.key)?.get(check.field) === check.value;
    case 'no_field':
      return !keys.hash(check.key)?.has(check.field);
    case 'string':
      return keys.text(check.key) === check.value;
    case 'score':
      return keys.sorted(check.key)?.score(check.member) === check.score;
    case 'set_empty':
      return keys.set(check.key) === undefined;
    case 'set_filled':
      return keys.set(check.key) !== undefined;
    case 'absent':
      return !keys.has(check.key);
  }
}

interface Refused {
  readonly untilMs?: number;
  readonly detail?: string;
}

/** Why a claim is not granted; `null`: it is. `alone`: no claim before it was refused. */
function refusal(keys: Keyspace, claim: Claim, alone: boolean, nowMs: number): Refused | null {
  switch (claim.kind) {
    case 'lock': {
      const owner = keys.text(claim.key);
      return owner === undefined || owner === claim.owner ? null : { detail: owner };
    }
    case 'elapsed': {
      const last = keys.text(claim.key);
      const untilMs = last === undefined ? nowMs : Number(last) + claim.ms;
      return untilMs > nowMs ? { untilMs } : null;
    }
    case 'unpaused':
      return pausesOf(keys, claim, nowMs)[0] ?? null;
    case 'untripped': {
      const trip = keys.text(claim.key);
      return trip === undefined ? null : { detail: trip };
    }
    case 'refused':
      return {};
    case 'radius': {
      const touched = keys.sorted(claim.key);
      const afterMs = nowMs - claim.ms;
      const others = claim.members.filter((member) => {
        return (touched?.score(member) ?? Number.NEGATIVE_INFINITY) <= afterMs;
      });
      if ((touched?.countAbove(afterMs) ?? 0) + others.length <= claim.count || !alone) return null;
      for (const write of claim.trips) execute(keys, write);
      return {};
    }
    case 'window': {
      const admissions = keys.sorted(claim.key);
      const afterMs = nowMs - claim.ms;
      if (admissions === undefined) return claim.count > 0 ? null : { untilMs: nowMs + claim.ms };
      const own = admissions.score(claim.member) ?? Number.NEGATIVE_INFINITY;
      const used = admissions.countAbove(afterMs) - (own > afterMs ? 1 : 0);
      if (used < claim.count) return null;
      const leaves = admissions.above(afterMs)[used - claim.count];
      return { untilMs: (leaves?.score ?? nowMs) + claim.ms };
    }
  }
}

/** The pauses that last still, in the order of the fields. */
function pausesOf(
  keys: Keyspace,
  { key, fields }: Extract<Claim, { kind: 'unpaused' }>,
  nowMs: number,
): readonly Refused[] {
  const pauses = keys.hash(key);
  if (pauses === undefined) return [];
  return fields.flatMap((field): Refused[] => {
    const detail = pauses.get(field);
    if (detail === undefined) return [];
    const { untilMs } = JSON.parse(detail) as { readonly untilMs?: number | null };
    if (typeof untilMs !== 'number') return [{ detail }];
    return untilMs > nowMs ? [{ untilMs, detail }] : [];
  });
}

/** Takes what a claim asks for, after all were granted. */
function take(keys: Keyspace, claim: Claim, nowMs: number): void {
  if (claim.kind === 'lock') execute(keys, ['SET', claim.key, claim.owner]);
  if (claim.kind === 'window') record(keys, claim.key, [claim.member], claim.keepMs, nowMs);
  if (claim.kind === 'radius') record(keys, claim.key, claim.members, claim.ms, nowMs);
}

/** Notes members under this time, and forgets those that are older than `keepMs`. */
function record(
  keys: Keyspace,
  key: string,
  members: readonly string[],
  keepMs: number,
  nowMs: number,
): void {
  const noted = keys.sortedAt(key);
  for (const member of members) noted.set(member, nowMs);
  forgetUntil(keys, key, nowMs - keepMs);
  keys.setEnd(key, keepMs);
}

/** Takes the members of a sorted set out whose score is at most `max`. */
export function forgetUntil(keys: Keyspace, key: string, max: number): void {
  const sorted = keys.sorted(key);
  if (sorted === undefined) return;
  for (let first = sorted.first(); first !== undefined; first = sorted.first()) {
    if (first.score > max) break;
    sorted.remove(first.member);
  }
  keys.dropIfEmpty(key, sorted);
}
