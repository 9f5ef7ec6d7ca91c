import type { Redis } from 'ioredis';
import {
  type Transaction,
  type TransactionResult,
  transact,
} from '../../src/ledger/transaction.js';

/** Carries out one transaction by itself. */
export async function transactOne(
  redis: Redis,
  key: string,
  transaction: Transaction,
): Promise<TransactionResult> {
  const [result] = await transact(redis, key, [transaction]);
  if (result === undefined) throw new Error('the transaction was not answered');
  if (result instanceof Error) throw result;
  return result;
}
