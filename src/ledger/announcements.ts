import type { Ledger } from './ledger.js';
import type { Check, Write } from './transaction.js';

/** What is announced of a service or a node, and which receivers have it. */
export interface Announcement {
  readonly kind: 'service' | 'node';
  readonly id: string;
  /** The version of the Swarm at which it was so. */
  readonly version: number;
  /** Differs whenever there is something to announce. */
  readonly digest: string;
  readonly event: 'create' | 'remove';
  /** Rises with each event, so that a newer one overtakes those before. */
  readonly turn: number;
  /** What is sent when it was created or changed, and when it was removed. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly removal: Readonly<Record<string, string>>;
  /** Whether it is held back until the service has converged. */
  readonly waits: boolean;
  /** The receivers that took this event, or that did not after all attempts. */
  readonly settled: readonly string[];
}

/** So long a worker announces after it last said so. Longer than a request lasts. */
export const announcerMs = 15_000;
/** So long a request to announce or to read again counts. */
const requestMs = 60_000;
/** More services than this are not asked to be read again at a time: all are then read anyway. */
const maxReadAgain = 200;

type Held = Pick<Ledger, 'keys' | 'redis' | 'commit'>;

/** Takes or keeps the turn to announce. `false`: another worker has it. Throws what Redis throws. */
export async function holdAnnouncer(
  { keys, commit }: Held,
  worker: string,
  isHeld: boolean,
  nowMs: number,
): Promise<boolean> {
  const key = keys.announcer;
  const check: Check = isHeld ? { kind: 'string', key, value: worker } : { kind: 'absent', key };
  const writes: Write[] = [['SET', key, worker, 'PX', announcerMs]];
  return (await commit({ checks: [check], writes, nowMs })).kind === 'committed';
}

/** Gives the turn to announce back. Throws what Redis throws. */
export async function freeAnnouncer({ keys, commit }: Held, worker: string, nowMs: number) {
  const key = keys.announcer;
  await commit({ checks: [{ kind: 'string', key, value: worker }], writes: [['DEL', key]], nowMs });
}

/** Reads what was announced, by what it is about. Throws what Redis throws. */
export async function readAnnouncements({
  keys,
  redis,
}: Pick<Ledger, 'keys' | 'redis'>): Promise<ReadonlyMap<string, Announcement>> {
  const all = await redis.hgetall(keys.announced);
  return new Map(
    Object.entries(all).map(([subject, text]) => [subject, JSON.parse(text) as Announcement]),
  );
}

/**
 * Records what is announced, `null` what is forgotten, if this worker still has the turn.
 *
 * @returns `false`: it has it no more, and nothing was written
 */
export async function writeAnnouncements(
  { keys, commit }: Held,
  worker: string,
  changed: ReadonlyMap<string, Announcement | null>,
  nowMs: number,
): Promise<boolean> {
  const writes = [...changed].map(([subject, record]): Write => {
    return record === null
      ? ['HDEL', keys.announced, subject]
      : ['HSET', keys.announced, subject, JSON.stringify(record)];
  });
  const check: Check = { kind: 'string', key: keys.announcer, value: worker };
  return (await commit({ checks: [check], writes, nowMs })).kind === 'committed';
}

/** What is announced at present; `null`: no worker sees the Swarm. Throws what Redis throws. */
export async function readAnnounced(
  ledger: Pick<Ledger, 'keys' | 'redis'>,
): Promise<readonly Announcement[] | null> {
  if ((await ledger.redis.exists(ledger.keys.announcer)) === 0) return null;
  const all = await readAnnouncements(ledger);
  return [...all.values()].filter(({ event }) => event === 'create');
}

/** Asks that everything is announced again. Throws what Redis throws. */
export async function askToAnnounceAgain({ keys, commit }: Held, nowMs: number): Promise<void> {
  await commit({
    checks: [],
    writes: [['SET', keys.announceAgain, nowMs, 'PX', requestMs]],
    nowMs,
  });
}

/** Asks that a service or the nodes are read again. Throws what Redis throws. */
export async function askToReadAgain(
  { keys, redis, commit }: Held,
  what: { readonly service: string } | 'nodes',
  nowMs: number,
): Promise<void> {
  if ((await redis.scard(keys.readAgain)) >= maxReadAgain) return;
  const member = what === 'nodes' ? what : `service/${what.service}`;
  await commit({
    checks: [],
    writes: [
      ['SADD', keys.readAgain, member],
      ['PEXPIRE', keys.readAgain, requestMs],
    ],
    nowMs,
  });
}

/** Takes what was asked for since the last time. Throws what Redis throws. */
export async function takeRequests({ keys, redis }: Pick<Ledger, 'keys' | 'redis'>): Promise<{
  readonly isAgain: boolean;
  readonly readAgain: readonly ({ readonly service: string } | 'nodes')[];
}> {
  const isAgain = (await redis.del(keys.announceAgain)) > 0;
  const members = await redis.spop(keys.readAgain, maxReadAgain);
  return {
    isAgain,
    readAgain: members.map((member) =>
      member === 'nodes' ? member : { service: member.replace(/^service\//, '') },
    ),
  };
}
