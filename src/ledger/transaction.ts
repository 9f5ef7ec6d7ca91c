import type { Redis } from 'ioredis';
import type { Fence } from './fence.js';
import type { Keys } from './keys.js';
import { transactionScript } from './transaction-script.js';

/** Something that must hold for a transaction to happen at all; otherwise the caller reads again. */
export type Check =
  /** The record under `key` stands at this revision; 0: there is none. */
  | { readonly kind: 'rev'; readonly key: string; readonly rev: number }
  /** Field `field` of the hash under `key` has this value. */
  | { readonly kind: 'field'; readonly key: string; readonly field: string; readonly value: string }
  /** The hash under `key` has no such field. */
  | { readonly kind: 'no_field'; readonly key: string; readonly field: string }
  /** The string under `key` has this value. */
  | { readonly kind: 'string'; readonly key: string; readonly value: string }
  /** The member of the sorted set under `key` has this score. */
  | {
      readonly kind: 'score';
      readonly key: string;
      readonly member: string;
      readonly score: number;
    }
  | { readonly kind: 'set_empty' | 'set_filled' | 'absent'; readonly key: string };

/** What a guard asks of Redis. All must grant; what they take, they take together with the writes. */
export type Claim =
  /** Takes the lock `key` for `owner`. */
  | { readonly kind: 'lock'; readonly key: string; readonly owner: string }
  /** At least `ms` have passed since the time kept under `key`. */
  | { readonly kind: 'elapsed'; readonly key: string; readonly ms: number }
  /** Fewer than `count` admissions in the last `ms`; takes one in the name of `member`. */
  | {
      readonly kind: 'window';
      readonly key: string;
      readonly ms: number;
      readonly count: number;
      readonly member: string;
      /** How long the longest window over the same key reaches back. */
      readonly keepMs: number;
    }
  /** None of the pauses under `fields` of the hash `key` lasts still. */
  | { readonly kind: 'unpaused'; readonly key: string; readonly fields: readonly string[] }
  /** There is nothing under `key`. */
  | { readonly kind: 'untripped'; readonly key: string }
  /**
   * With `members` there are at most `count` distinct ones in the last `ms`; takes them. If this
   * alone is in the way, `trips` are executed together with the refusal. Stands after all others.
   */
  | {
      readonly kind: 'radius';
      readonly key: string;
      readonly members: readonly string[];
      readonly ms: number;
      readonly count: number;
      readonly trips: readonly Write[];
    }
  /** Never granted: what was known before Redis was asked is in the way. */
  | { readonly kind: 'refused' };

/** A Redis command with its arguments, to be executed if all checks and claims hold. */
export type Write = readonly [command: string, ...args: (string | number)[]];

export interface Transaction {
  readonly checks: readonly Check[];
  readonly claims?: readonly Claim[];
  readonly writes: readonly Write[];
  readonly nowMs: number;
}

/** A claim that was refused: its place in `claims`, when it may be granted (`null`: unknown) and what is in the way. */
export interface Refusal {
  readonly claim: number;
  readonly untilMs: number | null;
  readonly detail: string;
}

export type TransactionResult =
  | { readonly kind: 'committed' }
  /** A check failed: another worker was faster. */
  | { readonly kind: 'conflict'; readonly check: number }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

type WithTransact = Redis & {
  jidokaTransact(
    key: string,
    ledgerId: string,
    marks: string,
    fence: string,
    ...sent: (string | number)[]
  ): Promise<string[]>;
};

/** Where transactions are carried out. */
export interface Place {
  readonly keys: Pick<Keys, 'schedule' | 'ledgerId' | 'marks'>;
  /** What the script has to find there; left out: nothing. */
  readonly fence?: Fence | undefined;
}

/**
 * Carries out transactions in one round trip, each of them whole or not at all, and none dependent on
 * another. What Redis refuses of one alone is the error in its place.
 *
 * @throws whatever ioredis throws when Redis does not take them; nothing is written then.
 */
export async function transact(
  redis: Redis,
  place: Place,
  transactions: readonly Transaction[],
): Promise<readonly (TransactionResult | Error)[]> {
  const sent: (string | number)[] = [];
  for (const { checks, claims = [], writes, nowMs } of transactions) {
    put(sent, { checks, claims: claims.map(withTexts) }, nowMs, writes);
  }
  return execute(redis, place, sent);
}

/**
 * Only asks what would be in the way of a transaction with these claims: takes nothing, writes nothing
 * and trips nothing. Tells all that is in the way, also what a transaction would not get to: each pause
 * of several, and a radius behind other refusals.
 *
 * @throws whatever ioredis throws when Redis does not answer.
 */
export async function probe(
  redis: Redis,
  place: Place,
  { claims, nowMs }: { readonly claims: readonly Claim[]; readonly nowMs: number },
): Promise<readonly Refusal[]> {
  const asked = { probe: true, checks: [], claims: claims.map(withTexts) };
  const sent: (string | number)[] = [];
  put(sent, asked, nowMs, []);
  const [result] = await execute(redis, place, sent);
  if (result instanceof Error) throw result;
  return result?.kind === 'refused' ? result.refusals : [];
}

/** Appends a transaction as the script reads it. */
function put(
  sent: (string | number)[],
  asked: object,
  nowMs: number,
  writes: readonly Write[],
): void {
  sent.push(JSON.stringify(asked), nowMs, writes.length);
  for (const write of writes) {
    sent.push(write.length);
    for (const argument of write) sent.push(argument);
  }
}

async function execute(
  redis: Redis,
  { keys, fence }: Place,
  sent: readonly (string | number)[],
): Promise<readonly (TransactionResult | Error)[]> {
  const client = redis as WithTransact;
  if (client.jidokaTransact === undefined) {
    redis.defineCommand('jidokaTransact', { numberOfKeys: 3, lua: transactionScript });
  }
  const { schedule, ledgerId, marks } = keys;
  const answers = await client.jidokaTransact(
    schedule,
    ledgerId,
    marks,
    fence?.text() ?? '',
    ...sent,
  );
  return answers.map((answer) => (answer === '' ? committed : read(answer)));
}

const committed: TransactionResult = { kind: 'committed' };

function read(answer: string): TransactionResult | Error {
  const result = JSON.parse(answer) as TransactionResult | { kind: 'failed'; fault: string };
  return result.kind === 'failed' ? replyError(result.fault) : result;
}

/** As ioredis has it. Its class would bring the whole client into commands that need none. */
function replyError(fault: string): Error {
  return Object.assign(new Error(fault), { name: 'ReplyError' });
}

/** Numbers as texts: Lua would write a large one as `1.7e+12`. */
function withTexts(claim: Claim) {
  if (claim.kind !== 'radius') return claim;
  return { ...claim, trips: claim.trips.map((write) => write.map(String)) };
}
