import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { createKeyspace } from '../../src/ledger/memory/keyspace.js';
import { createMemoryStore } from '../../src/ledger/memory/memory-store.js';
import { probeInMemory, transactInMemory } from '../../src/ledger/memory/transact.js';
import type { Store } from '../../src/ledger/store.js';
import {
  type Claim,
  probe,
  type Refusal,
  type Transaction,
  type TransactionResult,
} from '../../src/ledger/transaction.js';
import { placeUnder, transactOne } from './transact-one.js';

/** A place where a ledger may lie, with everything that is in it. */
export interface Place {
  readonly store: Store;
  transact(transaction: Transaction): Promise<TransactionResult>;
  probe(claims: readonly Claim[], nowMs: number): Promise<readonly Refusal[]>;
  /** Every key with its value, and with the seconds that it lasts (`null`: for ever). */
  contents(): Promise<Readonly<Record<string, unknown>>>;
}

/** A Redis, as far as keys begin with `prefix`. */
export function redisPlace(redis: Redis, prefix = `{test-${randomUUID()}}:`) {
  async function valueAt(key: string): Promise<unknown> {
    switch (await redis.type(key)) {
      case 'string':
        return redis.get(key);
      case 'hash':
        return sorted(Object.entries(await redis.hgetall(key)));
      case 'set':
        return (await redis.smembers(key)).sort();
      case 'zset':
        return redis.zrange(key, '0', '-1', 'WITHSCORES');
      default:
        throw new Error(`${key} is of a kind that no ledger in memory has`);
    }
  }

  const at = placeUnder((name) => `${prefix}${name}`);
  const place: Place = {
    store: redis,
    transact: (transaction) => transactOne(redis, at, transaction),
    probe: (claims, nowMs) => probe(redis, at, { claims, nowMs }),
    async contents() {
      const keys = (await redis.keys(`${prefix}*`)).sort();
      const found: Record<string, unknown> = {};
      for (const key of keys) {
        const ms = await redis.pttl(key);
        found[key] = [await valueAt(key), ms < 0 ? null : Math.ceil(ms / lastsRoundedTo)];
      }
      return found;
    },
  };
  return { ...place, prefix };
}

/** The same in memory. */
export function memoryPlace(clock = { now: () => 1_000_000 }): Place & { appended: string[] } {
  const appended: string[] = [];
  const keys = createKeyspace({ clock, onAppend: (entry) => appended.push(entry) });
  function valueAt(key: string): unknown {
    const hash = keys.hash(key);
    if (hash !== undefined) return sorted([...hash]);
    const set = keys.set(key);
    if (set !== undefined) return [...set].sort();
    const entries = keys.sorted(key)?.above(Number.NEGATIVE_INFINITY);
    return entries === undefined
      ? keys.text(key)
      : entries.flatMap(({ member, score }) => [member, String(score)]);
  }
  return {
    appended,
    store: createMemoryStore(keys),
    transact: async (transaction) => transactInMemory(keys, transaction),
    probe: async (claims, nowMs) => probeInMemory(keys, claims, nowMs),
    async contents() {
      const found: Record<string, unknown> = {};
      for (const key of [...keys.keys()].sort()) {
        const ms = keys.endsIn(key);
        found[key] = [valueAt(key), ms === null ? null : Math.ceil(ms / lastsRoundedTo)];
      }
      return found;
    },
  };
}

/** How long a key lasts is compared to this, so that the time that a test takes does not matter. */
const lastsRoundedTo = 600_000;

function sorted(entries: [string, string][]): [string, string][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
