import type { Redis } from 'ioredis';
import {
  type Place,
  type Transaction,
  type TransactionResult,
  transact,
} from '../../src/ledger/transaction.js';

/** Carries out one transaction by itself. */
export async function transactOne(
  redis: Redis,
  place: Place,
  transaction: Transaction,
): Promise<TransactionResult> {
  const [result] = await transact(redis, place, [transaction]);
  if (result === undefined) throw new Error('the transaction was not answered');
  if (result instanceof Error) throw result;
  return result;
}

/** Where transactions are carried out, under keys of a test's own. */
export function placeUnder(key: (name: string) => string): Place {
  return { keys: { schedule: key('any'), ledgerId: key('ledger-id'), marks: key('marks') } };
}
