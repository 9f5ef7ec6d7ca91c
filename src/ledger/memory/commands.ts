import type { Write } from '../transaction.js';
import type { Keyspace } from './keyspace.js';

type Command = (keys: Keyspace, args: readonly (string | number)[]) => void;

/**
 * The commands that the engine's transactions write with, as Redis executes them
 * (https://redis.io/docs/latest/commands). Their answers are asked for by no one.
 */
const commands: Readonly<Record<string, Command>> = {
  SET(keys, [key, value, option, ms]) {
    keys.setText(String(key), String(value));
    if (option === undefined) return;
    if (option !== 'PX') throw unknown('SET', option);
    keys.setEnd(String(key), Number(ms));
  },

  DEL(keys, names) {
    for (const key of names) keys.remove(String(key));
  },

  PEXPIRE(keys, [key, ms]) {
    keys.setEnd(String(key), Number(ms));
  },

  PERSIST(keys, [key]) {
    keys.setEnd(String(key), null);
  },

  HSET(keys, [key, ...fields]) {
    const hash = keys.hashAt(String(key));
    for (let index = 0; index < fields.length; index += 2) {
      hash.set(String(fields[index]), kept(fields[index + 1]));
    }
  },

  HDEL(keys, [key, ...fields]) {
    const hash = keys.hash(String(key));
    if (hash === undefined) return;
    for (const field of fields) hash.delete(String(field));
    keys.dropIfEmpty(String(key), hash);
  },

  HINCRBY(keys, [key, field, by]) {
    const hash = keys.hashAt(String(key));
    hash.set(String(field), String(Number(hash.get(String(field)) ?? 0) + Number(by)));
  },

  SADD(keys, [key, ...members]) {
    const set = keys.setAt(String(key));
    for (const member of members) set.add(String(member));
  },

  SREM(keys, [key, ...members]) {
    const set = keys.set(String(key));
    if (set === undefined) return;
    for (const member of members) set.delete(String(member));
    keys.dropIfEmpty(String(key), set);
  },

  ZADD(keys, [key, ...rest]) {
    const flags = rest.slice(0, -2);
    const [score, member] = [Number(rest.at(-2)), String(rest.at(-1))];
    const known = keys.sorted(String(key))?.score(member);
    if (flags.every((flag) => allows(flag, known, score))) {
      keys.sortedAt(String(key)).set(member, score);
    }
  },

  XADD(keys, [_stream, id, field, entry]) {
    if (id !== '*' || field !== 'record') throw unknown('XADD', String(field));
    keys.append(kept(entry));
  },

  // the lists that transactions append to are for people, and no one looks at a simulation's
  RPUSH() {},
  LTRIM() {},

  ZREM(keys, [key, ...members]) {
    const sorted = keys.sorted(String(key));
    if (sorted === undefined) return;
    for (const member of members) sorted.remove(String(member));
    keys.dropIfEmpty(String(key), sorted);
  },
};

/** Executes one write of a transaction. Throws for a command that no transaction of the engine has. */
export function execute(keys: Keyspace, [name, ...args]: Write): void {
  const command = commands[name];
  if (command === undefined) throw new Error(`the ledger in memory knows no command ${name}`);
  command(keys, args);
}

/** Redis keeps numbers as texts. What else there is, is kept as it is. */
function kept(value: string | number | undefined): string {
  return typeof value === 'number' ? String(value) : (value ?? '');
}

/** Whether a flag of ZADD lets a score be set. `GT` and `LT` add what is missing. */
function allows(flag: string | number, known: number | undefined, score: number): boolean {
  switch (flag) {
    case 'NX':
      return known === undefined;
    case 'XX':
      return known !== undefined;
    case 'GT':
      return known === undefined || score > known;
    case 'LT':
      return known === undefined || score < known;
    default:
      throw unknown('ZADD', flag);
  }
}

function unknown(command: string, option: string | number): Error {
  return new Error(`the ledger in memory knows no ${command} with ${option}`);
}
