import { compareIds } from '../ledger/compare-ids.js';
import type { Ledger } from '../ledger/ledger.js';
import { executed } from '../ledger/pipeline.js';
import type { AuditLine } from './block.js';

/** The audit trail as it is read from its beginning: each block before the records that it seals. */
export type TrailItem =
  /** `id`: what the stream has the block under, which has to be that of its last record. */
  | { readonly kind: 'block'; readonly id: string; readonly sealed: string }
  | ({ readonly kind: 'record' } & AuditLine);

/** How far the trail reached at one moment, so that it can be walked while it grows. */
export interface TrailMoment {
  readonly head: string | null;
  readonly checkpoint: string | null;
  /** The last block and the last record; `null`: there is none. */
  readonly lastBlock: string | null;
  readonly lastRecord: string | null;
}

interface Range {
  /** Stream ids, both inclusive; `-` is the beginning. */
  readonly since: string;
  readonly until: string;
}

type Entries = [id: string, fields: string[]][];

const recordBatchSize = 1_000;
const blockBatchSize = 10;

/** How far the trail reaches now. Throws what ioredis throws. */
export async function trailMoment({
  redis,
  keys,
}: Pick<Ledger, 'redis' | 'keys'>): Promise<TrailMoment> {
  const [head, checkpoint, blocks, records] = (await executed(
    redis
      .multi()
      .get(keys.auditHead)
      .get(keys.auditCheckpoint)
      .xrevrange(keys.auditBlocks, '+', '-', 'COUNT', 1)
      .xrevrange(keys.audit, '+', '-', 'COUNT', 1),
  )) as [string | null, string | null, Entries, Entries];
  return {
    head,
    checkpoint,
    lastBlock: blocks[0]?.[0] ?? null,
    lastRecord: records[0]?.[0] ?? null,
  };
}

/**
 * Reads the trail up to a moment, a piece at a time. With a narrower range it reads the blocks that
 * touch it, and of their records those inside. Throws what ioredis throws.
 */
export async function* readTrail(
  { redis, keys }: Pick<Ledger, 'redis' | 'keys'>,
  { lastBlock, lastRecord }: TrailMoment,
  { since, until }: Range = { since: '-', until: '+' },
): AsyncGenerator<TrailItem> {
  let from = since;
  let covered = '0-0';
  if (lastBlock !== null) {
    for await (const [id, fields] of entries(keys.auditBlocks, since, lastBlock, blockBatchSize)) {
      if (until !== '+' && compareIds(covered, until) >= 0) return;
      yield { kind: 'block', id, sealed: fields[1] ?? '' };
      yield* records(from, earlier(id, until));
      from = `(${id}`;
      covered = id;
    }
  }
  if (lastRecord !== null) yield* records(from, earlier(lastRecord, until));

  async function* records(start: string, end: string): AsyncGenerator<TrailItem> {
    for await (const entry of entries(keys.audit, start, end, recordBatchSize)) {
      for (const line of linesOf([entry])) yield { kind: 'record', ...line };
    }
  }

  async function* entries(key: string, start: string, end: string, count: number) {
    for (let next = start; ; ) {
      const found: Entries = await redis.xrange(key, next, end, 'COUNT', count);
      yield* found;
      if (found.length < count) return;
      next = `(${found.at(-1)?.[0]}`;
    }
  }
}

/** Entries of the audit stream as they are sealed. */
export function linesOf(entries: Entries): AuditLine[] {
  return entries.map(([id, fields]) => ({ id, content: JSON.stringify(fields) }));
}

function earlier(a: string, b: string): string {
  return b === '+' || compareIds(a, b) <= 0 ? a : b;
}
