import type { Redis } from 'ioredis';
import { type AuditRecord, auditWrite } from './audit.js';
import { json, type RecordForm } from './codec.js';
import type { Fence } from './fence.js';
import { createId } from './id.js';
import { createKeys, type Keys } from './keys.js';
import { executed } from './pipeline.js';
import { createReads } from './record-reads.js';
import { createSaves } from './record-writes.js';
import type { Store, StorePipeline } from './store.js';
import {
  type Claim,
  probe,
  type Refusal,
  type Transaction,
  type TransactionResult,
  transact,
  type Write,
} from './transaction.js';
import { createTransactionBatcher } from './transaction-batcher.js';

/**
 * The engine's memory. It reads records, and composes writes that the caller commits in one atomic
 * step. Every method throws what ioredis throws when Redis does not answer.
 */
export type Ledger<S extends Store = Redis> = ReturnType<typeof composeLedger<S>>;

/** A ledger on whatever store: all that the engine asks for when it takes in, decides and acts. */
export type AnyLedger = Ledger<Store>;

/**
 * The ledger of a cell in Redis.
 *
 * @param options.fence of an engine that acts; left out, transactions are carried out on whatever is there
 */
export function createLedger({
  redis,
  cell,
  fence,
}: {
  readonly redis: Redis;
  readonly cell: string;
  readonly fence?: Fence;
}): Ledger {
  const keys = createKeys(cell);
  const place = { keys, fence };
  const commit = createTransactionBatcher((all) => transact(redis, place, all));
  return composeLedger({
    redis,
    keys,
    commit,
    probe: (claims, nowMs) => probe(redis, place, { claims, nowMs }),
    form: json,
    newId: createId,
  });
}

/** A ledger of a store and of what carries out transactions on it. */
export function composeLedger<S extends Store>(parts: LedgerParts<S>) {
  const { redis, keys, commit, probe, form, newId } = parts;

  function audit(record: AuditRecord): Write {
    return auditWrite(keys.audit, record, form);
  }

  /** The same for a record of a run, which is also found by the run, for as long as that is kept for people. */
  function auditRun(record: Omit<AuditRecord, 'subject'>): Write[] {
    const whole: AuditRecord = { ...record, subject: 'run' };
    const key = keys.runTrail(record.id);
    return [
      audit(whole),
      ['RPUSH', key, form.write(whole)],
      ['LTRIM', key, -maxTrail, -1],
      ['PEXPIRE', key, form.forPeopleMs],
    ];
  }

  /** Takes what is older than the retention out of the lists; the records expire by themselves. */
  async function trim(nowMs: number): Promise<void> {
    const pipeline: StorePipeline = redis.pipeline();
    for (const list of [keys.episodes, keys.runs, keys.escalations]) {
      pipeline.zremrangebyscore(list, '-inf', nowMs - form.forPeopleMs);
    }
    await executed(pipeline);
  }

  return {
    keys,
    redis,
    ...createReads({ redis, keys, form }),
    ...createSaves({ keys, form }),
    newId,
    audit,
    auditRun,
    commit,
    probe,
    trim,
  };
}

/** How many records of a run are found by it; a run makes a few dozen. */
const maxTrail = 300;

interface LedgerParts<S extends Store> {
  readonly redis: S;
  readonly keys: Keys;
  /** Executes a transaction, or refuses it, in one atomic step. */
  readonly commit: (transaction: Transaction) => Promise<TransactionResult>;
  /** What would be in the way of these claims now; takes and writes nothing. */
  readonly probe: (claims: readonly Claim[], nowMs: number) => Promise<readonly Refusal[]>;
  readonly form: RecordForm;
  /** A new id for a run, a case or an escalation. */
  readonly newId: () => string;
}
