import type { Redis } from 'ioredis';
import { type AuditRecord, auditWrite } from './audit.js';
import { createKeys, type Keys } from './keys.js';
import { executed } from './pipeline.js';
import { createReads } from './reads.js';
import { createSaves, retentionMs } from './saves.js';
import {
  type Claim,
  probe as probeClaims,
  type Refusal,
  type Transaction,
  type TransactionResult,
  transact,
  type Write,
} from './transaction.js';

/**
 * The engine's memory in Redis. It reads records, and composes writes that the caller commits in one
 * atomic step. Every method throws what ioredis throws when Redis does not answer.
 */
export type Ledger = ReturnType<typeof createLedger>;

export function createLedger({ redis, cell }: { redis: Redis; cell: string }) {
  const keys: Keys = createKeys(cell);

  function audit(record: AuditRecord): Write {
    return auditWrite(keys.audit, record);
  }

  async function commit(transaction: Transaction): Promise<TransactionResult> {
    return transact(redis, keys.agenda, transaction);
  }

  /** What would be in the way of these claims now; takes and writes nothing. */
  function probe(claims: readonly Claim[], nowMs: number): Promise<readonly Refusal[]> {
    return probeClaims(redis, keys.agenda, { claims, nowMs });
  }

  /** Takes what is older than the retention out of the lists; the records expire by themselves. */
  async function trim(nowMs: number): Promise<void> {
    const pipeline = redis.pipeline();
    for (const list of [keys.episodes, keys.runs, keys.escalations]) {
      pipeline.zremrangebyscore(list, '-inf', nowMs - retentionMs);
    }
    await executed(pipeline);
  }

  return {
    keys,
    redis,
    ...createReads({ redis, keys }),
    ...createSaves({ keys }),
    audit,
    commit,
    probe,
    trim,
  };
}
