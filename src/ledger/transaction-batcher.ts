import type { Transaction, TransactionResult } from './transaction.js';

type Carry = (
  transactions: readonly Transaction[],
) => Promise<readonly (TransactionResult | Error)[]>;

interface Waiting {
  readonly transaction: Transaction;
  resolve(result: TransactionResult): void;
  reject(error: unknown): void;
}

/**
 * How many transactions go in one script at most: Redis does nothing else meanwhile, so that they
 * take no longer than some milliseconds.
 */
const maxTogether = 64;

/**
 * Sends the transactions that come in one turn of the event loop together. Each is carried out by itself,
 * as if it had been sent alone; a storm only takes fewer round trips.
 *
 * @param carry carries them out, in their order
 */
export function createTransactionBatcher(carry: Carry) {
  let waiting: Waiting[] = [];

  /** @throws what `carry` throws, or the error that it has in the place of this transaction. */
  function commit(transaction: Transaction): Promise<TransactionResult> {
    return new Promise((resolve, reject) => {
      if (waiting.length === 0) process.nextTick(sendAll);
      waiting.push({ transaction, resolve, reject });
    });
  }

  function sendAll(): void {
    const all = waiting;
    waiting = [];
    for (let first = 0; first < all.length; first += maxTogether) {
      void send(all.slice(first, first + maxTogether));
    }
  }

  async function send(batch: readonly Waiting[]): Promise<void> {
    try {
      const results = await carry(batch.map(({ transaction }) => transaction));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const result = results[index] ?? new Error('a transaction was not answered');
        if (result instanceof Error) reject(result);
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  return commit;
}
