import type { RecordForm } from './codec.js';
import type { Episode } from './episode.js';
import type { Escalation } from './escalation.js';
import type { Keys } from './keys.js';
import { executed } from './pipeline.js';
import type { Run } from './run.js';
import type { ScheduleItem } from './schedule-item.js';
import type { Store, StorePipeline } from './store.js';
import type { Write } from './transaction.js';

/** A record as it was read, with the revision that a compare-and-set needs. */
export interface Stored<T> {
  readonly rev: number;
  readonly value: T;
  /** Left out: the value is as it was read or written. Only an episode ever waits to be saved. */
  readonly unsaved?: Unsaved<T>;
}

/** What makes a value what it is and is not written yet: it goes with the next save of that value. */
export interface Unsaved<T> {
  /** The record as it was read, which a save compares with and replaces. */
  readonly before: Stored<T> | null;
  readonly writes: readonly Write[];
}

/** An episode with what Alertmanager said of it last. */
export interface StoredEpisode extends Stored<Episode> {
  /** It is silenced or inhibited there. */
  readonly muted: boolean;
}

/** A run with what its machine must know of its alerts. */
export interface StoredRun extends Stored<Run> {
  /** How many of its episodes still fire. */
  readonly openEpisodes: number;
  /** How many of those are silenced or inhibited in Alertmanager. */
  readonly mutedEpisodes: number;
  /** How many episodes have ever been part of it. */
  readonly joined: number;
}

/** An escalation with the number of its alerts. */
export interface StoredEscalation extends Stored<Escalation> {
  readonly openEpisodes: number;
  readonly joined: number;
}

/** What the engine reads of the ledger. Every method throws what ioredis throws. */
export function createReads({ redis, keys, form }: ReadsParts) {
  /** The latest episode of each identity, in one round trip. */
  async function episodes(
    identities: readonly string[],
  ): Promise<readonly (StoredEpisode | null)[]> {
    if (identities.length === 0) return [];
    const pipeline = redis.pipeline().smismember(keys.muted, ...identities);
    for (const identity of identities) pipeline.hmget(keys.episode(identity), 'rev', 'data');
    const [muted, ...answers] = await executed(pipeline);
    return answers.map((answer, index) => {
      const stored = parse<Episode>(answer as Fields);
      return stored && { ...stored, muted: (muted as number[])[index] === 1 };
    });
  }

  /** An episode by its id: the latest of its identity, or an earlier one. */
  async function episodeById(id: string): Promise<Episode | null> {
    const identity = id.slice(0, id.lastIndexOf('-'));
    const [latest] = await episodes([identity]);
    if (latest?.value.id === id) return latest.value;
    const past = await redis.get(keys.pastEpisode(id));
    return past === null ? null : form.read<Episode>(past);
  }

  /** Episodes by their ids, in two round trips at most; `null`: it is not kept any more. */
  async function episodesById(ids: readonly string[]): Promise<readonly (Episode | null)[]> {
    if (ids.length === 0) return [];
    const latest = redis.pipeline();
    for (const id of ids) latest.hget(keys.episode(id.slice(0, id.lastIndexOf('-'))), 'data');
    const texts = (await executed(latest)) as (string | null)[];
    const found = texts.map((text) => (text === null ? null : form.read<Episode>(text)));
    const earlier = ids.filter((id, index) => found[index]?.id !== id);
    const past = earlier.length === 0 ? [] : await redis.mget(earlier.map(keys.pastEpisode));
    const pastById = new Map(earlier.map((id, index) => [id, past[index] ?? null]));
    return ids.map((id, index) => {
      const text = pastById.get(id);
      if (text === undefined) return found[index] ?? null;
      return text === null ? null : form.read<Episode>(text);
    });
  }

  async function run(id: string): Promise<StoredRun | null> {
    return withCase<Run>(keys.run(id), id);
  }

  async function escalation(id: string): Promise<StoredEscalation | null> {
    return withCase<Escalation>(keys.escalation(id), id);
  }

  /** Runs by their ids, in one round trip; those that are not kept any more are left out. */
  async function runs(ids: readonly string[]): Promise<ReadonlyMap<string, Run>> {
    return byId<Run>(ids, keys.run);
  }

  /** Escalations by their ids, in one round trip; those that are not kept any more are left out. */
  async function escalations(ids: readonly string[]): Promise<ReadonlyMap<string, Escalation>> {
    return byId<Escalation>(ids, keys.escalation);
  }

  async function byId<T>(ids: readonly string[], keyOf: (id: string) => string) {
    const found = new Map<string, T>();
    if (ids.length === 0) return found;
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hget(keyOf(id), 'data');
    const texts = (await executed(pipeline)) as (string | null)[];
    for (const [index, id] of ids.entries()) {
      const text = texts[index] ?? null;
      if (text !== null) found.set(id, form.read<T>(text));
    }
    return found;
  }

  /** A record with what its case counts, in one round trip where the case was begun by it and has its id. */
  async function withCase<T extends { readonly caseId: string }>(key: string, id: string) {
    const first = redis.pipeline().hmget(key, 'rev', 'data');
    const [fields, ...own] = await executed(counting(first, id));
    const stored = parse<T>(fields as Fields);
    if (stored === null) return null;
    const { caseId } = stored.value;
    const [open, muted, joined] =
      caseId === id ? own : await executed(counting(redis.pipeline(), caseId));
    return {
      ...stored,
      openEpisodes: Number(open),
      mutedEpisodes: Number(muted),
      joined: Number(joined ?? 0),
    };
  }

  function counting(pipeline: StorePipeline, caseId: string): StorePipeline {
    return pipeline
      .scard(keys.caseOpen(caseId))
      .sintercard(2, keys.caseOpen(caseId), keys.muted)
      .hget(keys.caseInfo(caseId), 'joined');
  }

  /** The run and the escalation that hang on a case, and how many of its episodes still fire. */
  async function caseInfo(caseId: string) {
    const [info, open] = await executed(
      redis
        .pipeline()
        .hmget(keys.caseInfo(caseId), 'run', 'escalation')
        .scard(keys.caseOpen(caseId)),
    );
    const [runId, escalationId] = info as [string | null, string | null];
    return { runId, escalationId, open: Number(open) };
  }

  /** What is due on the schedule, soonest first; items of a newer version may be among it. */
  async function due(
    nowMs: number,
    limit: number,
  ): Promise<{ item: ScheduleItem; atMs: number }[]> {
    const flat = await redis.zrangebyscore(
      keys.schedule,
      '-inf',
      nowMs,
      'WITHSCORES',
      'LIMIT',
      0,
      limit,
    );
    return flat.flatMap((item, index) =>
      index % 2 === 0 ? [{ item: item as ScheduleItem, atMs: Number(flat[index + 1]) }] : [],
    );
  }

  function parse<T>([rev, data]: Fields): Stored<T> | null {
    return rev === null || data === null ? null : { rev: Number(rev), value: form.read<T>(data) };
  }

  return { episodes, episodeById, episodesById, run, runs, escalation, escalations, caseInfo, due };
}

type Fields = readonly [rev: string | null, data: string | null];

interface ReadsParts {
  readonly redis: Store;
  readonly keys: Keys;
  readonly form: RecordForm;
}
