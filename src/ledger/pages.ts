import type { AuditRecord } from './audit.js';
import type { Episode } from './episode.js';
import type { Escalation } from './escalation.js';
import type { Ledger } from './ledger.js';
import { cursorOf, readNewest, unknownCursor } from './newest-first.js';
import { executed } from './pipeline.js';
import type { Run } from './run.js';

/** A newest-first page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `before` to read on; `null` at the end. */
  readonly next: string | null;
}

/** Which part of a list is wanted. */
export interface PageRequest {
  readonly limit: number;
  /** The `next` of the page before; `undefined`: from the newest on. */
  readonly before: string | undefined;
}

/** The same for a list of records that can be open (still firing, not ended, not answered). */
export interface RecordsRequest extends PageRequest {
  readonly openOnly: boolean;
}

/** How many alerts a run or an escalation has, and how many of them still fire. */
export interface Membership {
  readonly openEpisodes: number;
  readonly joined: number;
}

/** A record of the audit trail under the id that the stream gave it. */
export interface AuditEntry extends AuditRecord {
  readonly entry: string;
}

/**
 * Reads the ledger for people: lists, newest first, and records with the number of their alerts. A
 * page may hold fewer records than asked for, because the list of ids outlives the records; only
 * `next: null` means the end. Every list throws InputError for a `before` that no page gave, and
 * every method what ioredis throws when Redis does not answer.
 */
export function createPages({ ledger }: { readonly ledger: Ledger }) {
  const { keys, redis } = ledger;

  async function episodes({ openOnly, ...request }: RecordsRequest): Promise<Page<Episode>> {
    if (!openOnly) return resolved(await members(keys.episodes, request), ledger.episodeById);
    const { items, next } = await members(keys.openEpisodes, request);
    const stored = items.length === 0 ? [] : await ledger.episodes(items);
    return { items: stored.flatMap((one) => (one?.value.state === 'open' ? one.value : [])), next };
  }

  async function runs({ openOnly, ...request }: RecordsRequest): Promise<Page<Run & Membership>> {
    const ids = await members(openOnly ? keys.activeRuns : keys.runs, request);
    return resolved(ids, run);
  }

  async function escalations({
    openOnly,
    ...request
  }: RecordsRequest): Promise<Page<Escalation & Membership>> {
    const ids = await members(openOnly ? keys.openEscalations : keys.escalations, request);
    return resolved(ids, escalation);
  }

  async function run(id: string): Promise<(Run & Membership) | null> {
    return flat(await ledger.run(id));
  }

  async function escalation(id: string): Promise<(Escalation & Membership) | null> {
    return flat(await ledger.escalation(id));
  }

  /**
   * The alerts of a run or an escalation that still fire, in two round trips: those from `from` on, at most
   * `limit`, in an order that stays while they do, and how many there are in all.
   */
  async function firing(
    { caseId }: Pick<Run, 'caseId'>,
    { from, limit }: { readonly from: number; readonly limit: number },
  ): Promise<{ readonly items: readonly Episode[]; readonly total: number }> {
    const identities = (await redis.smembers(keys.caseOpen(caseId))).sort();
    const stored = await ledger.episodes(identities.slice(from, from + limit));
    return { items: stored.flatMap((one) => one?.value ?? []), total: identities.length };
  }

  /** How many alerts each of these records has, in one round trip. */
  async function memberships(
    records: readonly Pick<Run, 'caseId'>[],
  ): Promise<readonly Membership[]> {
    if (records.length === 0) return [];
    const pipeline = redis.pipeline();
    for (const { caseId } of records) {
      pipeline.scard(keys.caseOpen(caseId)).hget(keys.caseInfo(caseId), 'joined');
    }
    const answers = await executed(pipeline);
    return records.map((_, index) => ({
      openEpisodes: Number(answers[2 * index]),
      joined: Number(answers[2 * index + 1] ?? 0),
    }));
  }

  async function audit({ limit, before }: PageRequest): Promise<Page<AuditEntry>> {
    if (before !== undefined && !/^\d{1,15}-\d{1,15}$/.test(before)) throw unknownCursor();
    const end = before === undefined ? '+' : `(${before}`;
    const found = await redis.xrevrange(keys.audit, end, '-', 'COUNT', limit + 1);
    const items = found.slice(0, limit).map(([entry, fields]) => {
      const record = JSON.parse(fields[fields.indexOf('record') + 1] ?? 'null') as AuditRecord;
      return { entry, ...record };
    });
    return { items, next: found.length > limit ? (items.at(-1)?.entry ?? null) : null };
  }

  /** The latest audit records of a run, oldest first. */
  async function runTrail(id: string): Promise<readonly AuditRecord[]> {
    const records = await redis.lrange(keys.runTrail(id), 0, -1);
    return records.map((record) => JSON.parse(record) as AuditRecord);
  }

  async function members(key: string, request: PageRequest): Promise<Page<string>> {
    const { members, isLast } = await readNewest(redis, key, request);
    const last = members.at(-1);
    const next = isLast || last === undefined ? null : cursorOf(last);
    return { items: members.map(({ id }) => id), next };
  }

  return {
    episodes,
    runs,
    run,
    escalations,
    escalation,
    firing,
    memberships,
    audit,
    runTrail,
  };
}

async function resolved<T>(
  { items, next }: Page<string>,
  read: (id: string) => Promise<T | null>,
): Promise<Page<T>> {
  const records = await Promise.all(items.map(read));
  return { items: records.filter((record) => record !== null), next };
}

function flat<T>(stored: ({ readonly value: T } & Membership) | null): (T & Membership) | null {
  if (stored === null) return null;
  const { value, openEpisodes, joined } = stored;
  return { ...value, openEpisodes, joined };
}
