import type { Store, StorePipeline } from '../store.js';
import { execute } from './commands.js';
import type { Keyspace } from './keyspace.js';
import { forgetUntil } from './transact.js';

/** The keys of a ledger in memory, read and written with the commands of Redis that the engine uses. */
export function createMemoryStore(keys: Keyspace): Store {
  const hget = (key: string, field: string) => keys.hash(key)?.get(field) ?? null;

  function hmget(key: string, fields: readonly string[]): (string | null)[] {
    const hash = keys.hash(key);
    return fields.map((field) => hash?.get(field) ?? null);
  }

  function pipeline(): StorePipeline {
    const answers: [null, unknown][] = [];
    const answered = (answer: unknown) => {
      answers.push([null, answer]);
      return chain;
    };
    const chain: StorePipeline = {
      hget: (key, field) => answered(hget(key, field)),
      hmget: (key, ...fields) => answered(hmget(key, fields)),
      hexists: (key, field) => answered(keys.hash(key)?.has(field) ? 1 : 0),
      scard: (key) => answered(keys.set(key)?.size ?? 0),
      sintercard: (_count, first, ...others) =>
        answered(
          [...(keys.set(first ?? '') ?? [])].filter((member) =>
            others.every((other) => keys.set(other)?.has(member)),
          ).length,
        ),
      smismember(key, ...members) {
        const set = keys.set(key);
        return answered(members.map((member) => (set?.has(member) ? 1 : 0)));
      },
      zremrangebyscore(key, _min, max) {
        const before = keys.sorted(key)?.size ?? 0;
        forgetUntil(keys, key, max);
        return answered(before - (keys.sorted(key)?.size ?? 0));
      },
      exec: async () => answers,
    };
    return chain;
  }

  return {
    pipeline,
    get: async (key) => keys.text(key) ?? null,
    mget: async (names) => names.map((key) => keys.text(key) ?? null),
    hget: async (key, field) => hget(key, field),
    hmget: async (key, ...fields) => hmget(key, fields),
    hvals: async (key) => [...(keys.hash(key)?.values() ?? [])],

    async incr(key) {
      const next = Number(keys.text(key) ?? 0) + 1;
      const endsIn = keys.endsIn(key);
      keys.setText(key, String(next));
      keys.setEnd(key, endsIn);
      return next;
    },

    async pexpire(key, ms) {
      return keys.setEnd(key, ms) ? 1 : 0;
    },

    async del(key) {
      return keys.remove(key) ? 1 : 0;
    },

    async hset(key, field, value) {
      const isNew = !keys.hash(key)?.has(field);
      execute(keys, ['HSET', key, field, value]);
      return isNew ? 1 : 0;
    },

    async sadd(key, member) {
      const isNew = !keys.set(key)?.has(member);
      keys.setAt(key).add(member);
      return isNew ? 1 : 0;
    },

    async smembers(key) {
      return [...(keys.set(key) ?? [])];
    },

    /** Redis takes any; in memory it is those that came first, so that a simulation can be repeated. */
    async spop(key, count) {
      const set = keys.set(key);
      if (set === undefined) return [];
      const taken = [...set].slice(0, count);
      for (const member of taken) set.delete(member);
      keys.dropIfEmpty(key, set);
      return taken;
    },

    async zrangebyscore(key: string, _min: '-inf', max: number, ...limits: (string | number)[]) {
      const withScores = limits[0] === 'WITHSCORES';
      const [offset, count] = limits.slice(-2).map(Number) as [number, number];
      const sorted = keys.sorted(key);
      if (sorted === undefined) return [];
      const found = sorted.above(Number.NEGATIVE_INFINITY, max, offset + count).slice(offset);
      return found.flatMap(({ member, score }) =>
        withScores ? [member, String(score)] : [member],
      );
    },
  };
}
