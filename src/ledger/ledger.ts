import type { Redis } from 'ioredis';
import { type AuditRecord, auditWrite } from './audit.js';
import type { Episode } from './episode.js';
import type { Escalation } from './escalation.js';
import { createKeys, type Keys } from './keys.js';
import { isJoinable, joinHash, type Run, targetsOf } from './run.js';
import {
  type Check,
  type Transaction,
  type TransactionResult,
  transact,
  type Write,
} from './transaction.js';

/** A record as it was read, with the revision that a compare-and-set needs. */
export interface Stored<T> {
  readonly rev: number;
  readonly value: T;
}

/** A run with what its machine must know of its alerts. */
export interface StoredRun extends Stored<Run> {
  /** How many of its episodes still fire. */
  readonly openEpisodes: number;
  /** How many episodes have ever been part of it. */
  readonly joined: number;
}

/** An escalation with the number of its alerts. */
export interface StoredEscalation extends Stored<Escalation> {
  readonly openEpisodes: number;
  readonly joined: number;
}

/** A change of one record: what must hold before, and what is written. */
export interface Save {
  readonly check: Check;
  readonly writes: readonly Write[];
}

/** A newest-first page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Pass as `before` to read on; `null` at the end. */
  readonly next: string | null;
}

/** How long ended records are kept. */
const retentionMs = 30 * 24 * 3_600_000;

/**
 * The engine's memory in Redis. It reads records, and composes writes that the caller commits in one
 * atomic step. Every method throws what ioredis throws when Redis does not answer.
 */
export type Ledger = ReturnType<typeof createLedger>;

export function createLedger({ redis, cell }: { redis: Redis; cell: string }) {
  const keys: Keys = createKeys(cell);

  /** The latest episode of each identity, in one round trip. */
  async function episodes(identities: readonly string[]) {
    const pipeline = redis.pipeline();
    for (const identity of identities) pipeline.hmget(keys.episode(identity), 'rev', 'data');
    const answers = await executed(pipeline);
    return answers.map((answer) => parse<Episode>(answer as Fields));
  }

  /** An episode by its id: the latest of its identity, or an earlier one. */
  async function episodeById(id: string): Promise<Episode | null> {
    const identity = id.slice(0, id.lastIndexOf('-'));
    const [latest] = await episodes([identity]);
    if (latest?.value.id === id) return latest.value;
    const past = await redis.get(keys.pastEpisode(id));
    return past === null ? null : (JSON.parse(past) as Episode);
  }

  async function run(id: string): Promise<StoredRun | null> {
    return withCase<Run>(await read(keys.run(id)));
  }

  async function escalation(id: string): Promise<StoredEscalation | null> {
    return withCase<Escalation>(await read(keys.escalation(id)));
  }

  async function read(key: string): Promise<Fields> {
    const [rev = null, data = null] = await redis.hmget(key, 'rev', 'data');
    return [rev, data];
  }

  async function withCase<T extends { readonly caseId: string }>(fields: Fields) {
    const stored = parse<T>(fields);
    if (stored === null) return null;
    const [open, joined] = await executed(
      redis
        .pipeline()
        .scard(keys.caseOpen(stored.value.caseId))
        .hget(keys.caseInfo(stored.value.caseId), 'joined'),
    );
    return { ...stored, openEpisodes: Number(open), joined: Number(joined ?? 0) };
  }

  /** Saves an episode; the one it replaces, if it is an earlier one, is kept under its own id. */
  function saveEpisode(before: Stored<Episode> | null, episode: Episode): Save {
    const { identity } = episode;
    const key = keys.episode(identity);
    const rev = before?.rev ?? 0;
    const writes: Write[] = [['HSET', key, 'rev', rev + 1, 'data', JSON.stringify(episode)]];
    if (before !== null && before.value.id !== episode.id) {
      const past = JSON.stringify(before.value);
      writes.push(['SET', keys.pastEpisode(before.value.id), past, 'PX', retentionMs]);
    }
    writes.push(['ZADD', keys.episodes, episode.openedAtMs, episode.id]);
    if (episode.state === 'open') {
      writes.push(['ZADD', keys.openEpisodes, episode.openedAtMs, identity], ['PERSIST', key]);
    } else {
      writes.push(
        ['ZREM', keys.openEpisodes, identity],
        ['ZREM', keys.agenda, `episode:${identity}`],
        ['PEXPIRE', key, retentionMs],
      );
      for (const id of episode.cases) writes.push(['SREM', keys.caseOpen(id), identity]);
    }
    return { check: { kind: 'rev', key, rev }, writes };
  }

  /** Saves a run with its indexes, its place on the agenda and, when it has ended, without its locks. */
  function saveRun(before: Stored<Run> | null, value: Run): Save {
    const key = keys.run(value.id);
    const rev = before?.rev ?? 0;
    const fields = ['rev', rev + 1, 'joinable', isJoinable(value) ? 1 : 0] as const;
    const writes: Write[] = [['HSET', key, ...fields, 'data', JSON.stringify(value)]];
    if (before === null) {
      writes.push(['ZADD', keys.runs, value.createdAtMs, value.id]);
      writes.push(['ZADD', keys.activeRuns, value.createdAtMs, value.id]);
      writes.push(['HSET', keys.caseInfo(value.caseId), 'run', value.id]);
      if (value.origin.kind === 'playbook') {
        writes.push(['SET', keys.join(joinHash(value.origin.playbook, value.steps)), value.id]);
      }
    }
    if (value.state === 'ended') {
      writes.push(
        ['ZREM', keys.activeRuns, value.id],
        ['ZREM', keys.agenda, `run:${value.id}`],
        ['PEXPIRE', key, retentionMs],
      );
      if (value.origin.kind === 'playbook') {
        writes.push(['DEL', keys.join(joinHash(value.origin.playbook, value.steps))]);
      }
      if (before !== null && holdsLocks(before.value)) {
        writes.push(['DEL', ...targetsOf(value).map((target) => keys.lock(target.id))]);
      }
    } else if (value.dueAtMs === null) {
      writes.push(['ZREM', keys.agenda, `run:${value.id}`]);
    } else {
      writes.push(['ZADD', keys.agenda, value.dueAtMs, `run:${value.id}`]);
    }
    return { check: { kind: 'rev', key, rev }, writes };
  }

  /** Saves an escalation; its message is brought up to date by `messageAtMs`. */
  function saveEscalation(
    before: Stored<Escalation> | null,
    value: Escalation,
    messageAtMs: number | null,
  ): Save {
    const key = keys.escalation(value.id);
    const rev = before?.rev ?? 0;
    const writes: Write[] = [['HSET', key, 'rev', rev + 1, 'data', JSON.stringify(value)]];
    if (before === null) {
      writes.push(['ZADD', keys.escalations, value.createdAtMs, value.id]);
      writes.push(['HSET', keys.caseInfo(value.caseId), 'escalation', value.id]);
      if (value.subject !== null) writes.push(['SET', keys.subject(value.subject), value.id]);
    }
    if (value.state === 'open') {
      writes.push(['ZADD', keys.openEscalations, value.createdAtMs, value.id]);
      if (value.expiresAtMs !== null) {
        writes.push(['ZADD', keys.agenda, value.expiresAtMs, `expiry:${value.id}`]);
      }
    } else {
      writes.push(
        ['ZREM', keys.openEscalations, value.id],
        ['ZREM', keys.agenda, `expiry:${value.id}`],
        ['PEXPIRE', key, retentionMs],
      );
      // once only: later the subject may belong to the next escalation
      if (before?.value.state === 'open' && value.subject !== null) {
        writes.push(['DEL', keys.subject(value.subject)]);
      }
    }
    if (messageAtMs !== null) {
      writes.push(['ZADD', keys.agenda, messageAtMs, `message:${value.id}`]);
    }
    return { check: { kind: 'rev', key, rev }, writes };
  }

  /** The writes that make an episode part of a case. */
  function joinCase(caseId: string, identity: string): Write[] {
    return [
      ['SADD', keys.caseOpen(caseId), identity],
      ['HINCRBY', keys.caseInfo(caseId), 'joined', 1],
      ['PEXPIRE', keys.caseInfo(caseId), 3 * retentionMs],
      ['PEXPIRE', keys.caseOpen(caseId), 3 * retentionMs],
    ];
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

  function audit(record: AuditRecord): Write {
    return auditWrite(keys.audit, record);
  }

  async function commit(transaction: Transaction): Promise<TransactionResult> {
    return transact(redis, keys.agenda, transaction);
  }

  /** Takes what is older than the retention out of the lists; the records expire by themselves. */
  async function trim(nowMs: number): Promise<void> {
    const pipeline = redis.pipeline();
    for (const list of [keys.episodes, keys.runs, keys.escalations]) {
      pipeline.zremrangebyscore(list, '-inf', nowMs - retentionMs);
    }
    await executed(pipeline);
  }

  /** What is due on the agenda, soonest first. */
  async function due(nowMs: number, limit: number): Promise<{ item: string; atMs: number }[]> {
    const flat = await redis.zrangebyscore(
      keys.agenda,
      '-inf',
      nowMs,
      'WITHSCORES',
      'LIMIT',
      0,
      limit,
    );
    return flat.flatMap((item, index) =>
      index % 2 === 0 ? [{ item, atMs: Number(flat[index + 1]) }] : [],
    );
  }

  return {
    keys,
    redis,
    episodes,
    episodeById,
    run,
    escalation,
    caseInfo,
    saveEpisode,
    saveRun,
    saveEscalation,
    joinCase,
    audit,
    commit,
    trim,
    due,
  };
}

function holdsLocks(run: Run): boolean {
  return run.state !== 'awaiting_approval' && run.state !== 'admitting';
}

type Fields = readonly [rev: string | null, data: string | null];

function parse<T>([rev, data]: Fields): Stored<T> | null {
  return rev === null || data === null ? null : { rev: Number(rev), value: JSON.parse(data) as T };
}

/** The answers of a pipeline, the first error thrown. */
async function executed(pipeline: ReturnType<Redis['pipeline']>): Promise<unknown[]> {
  const answers = (await pipeline.exec()) ?? [];
  return answers.map(([error, value]) => {
    if (error !== null) throw error;
    return value;
  });
}
