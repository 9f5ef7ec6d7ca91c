import type { Redis } from 'ioredis';

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
  /** A check failed: somebody else was faster. */
  | { readonly kind: 'conflict'; readonly check: number }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

/*
 * The shebang makes Redis 7 refuse the whole script when memory is used up or the server is a
 * replica, so that it can never stop half-way.
 */
const script = `#!lua
local tx = cjson.decode(ARGV[1])
local now = tonumber(ARGV[2])
-- while a cluster moves the slot away it refuses keys that are not there: here, before anything is written
redis.call('EXISTS', KEYS[1] .. ':none')

for i, c in ipairs(tx.checks) do
  local holds
  if c.kind == 'rev' then
    holds = tonumber(redis.call('HGET', c.key, 'rev') or '0') == c.rev
  elseif c.kind == 'field' then
    holds = redis.call('HGET', c.key, c.field) == c.value
  elseif c.kind == 'no_field' then
    holds = redis.call('HEXISTS', c.key, c.field) == 0
  elseif c.kind == 'string' then
    holds = redis.call('GET', c.key) == c.value
  elseif c.kind == 'score' then
    holds = tonumber(redis.call('ZSCORE', c.key, c.member) or '') == c.score
  elseif c.kind == 'set_empty' then
    holds = redis.call('SCARD', c.key) == 0
  elseif c.kind == 'set_filled' then
    holds = redis.call('SCARD', c.key) > 0
  else
    holds = redis.call('EXISTS', c.key) == 0
  end
  if not holds then return cjson.encode({ kind = 'conflict', check = i - 1 }) end
end

local refusals = {}
local function refuse(i, untilMs, detail)
  refusals[#refusals + 1] = { claim = i - 1, untilMs = untilMs or cjson.null, detail = detail or '' }
end
for i, c in ipairs(tx.claims) do
  if c.kind == 'lock' then
    local owner = redis.call('GET', c.key)
    if owner and owner ~= c.owner then refuse(i, nil, owner) end
  elseif c.kind == 'elapsed' then
    local last = tonumber(redis.call('GET', c.key) or '')
    if last and last + c.ms > now then refuse(i, last + c.ms) end
  elseif c.kind == 'unpaused' then
    for _, field in ipairs(c.fields) do
      local pause = redis.call('HGET', c.key, field)
      local untilMs = pause and cjson.decode(pause).untilMs
      if pause and (type(untilMs) ~= 'number' or untilMs > now) then
        refuse(i, type(untilMs) == 'number' and untilMs or nil, pause)
        if not tx.probe then break end
      end
    end
  elseif c.kind == 'untripped' then
    local trip = redis.call('GET', c.key)
    if trip then refuse(i, nil, trip) end
  elseif c.kind == 'refused' then
    refuse(i)
  elseif c.kind == 'radius' then
    local afterMs = now - c.ms
    local used = redis.call('ZCOUNT', c.key, '(' .. string.format('%.0f', afterMs), '+inf')
    for _, member in ipairs(c.members) do
      local last = tonumber(redis.call('ZSCORE', c.key, member) or '')
      if not last or last <= afterMs then used = used + 1 end
    end
    if used > c.count and (tx.probe or #refusals == 0) then
      refuse(i)
      if not tx.probe then
        for _, w in ipairs(c.trips) do redis.call(unpack(w)) end
      end
    end
  else
    local after = '(' .. string.format('%.0f', now - c.ms)
    local used = redis.call('ZCOUNT', c.key, after, '+inf')
    local own = tonumber(redis.call('ZSCORE', c.key, c.member) or '')
    if own and own > now - c.ms then used = used - 1 end -- admitted anew, it counts once
    if used >= c.count then
      local leaves = redis.call('ZRANGEBYSCORE', c.key, after, '+inf', 'WITHSCORES', 'LIMIT', used - c.count, 1)
      refuse(i, (tonumber(leaves[2]) or now) + c.ms)
    end
  end
end
if #refusals > 0 then return cjson.encode({ kind = 'refused', refusals = refusals }) end
if tx.probe then return '{"kind":"committed"}' end

for _, c in ipairs(tx.claims) do
  if c.kind == 'lock' then
    redis.call('SET', c.key, c.owner)
  elseif c.kind == 'window' then
    redis.call('ZADD', c.key, string.format('%.0f', now), c.member)
    redis.call('ZREMRANGEBYSCORE', c.key, '-inf', string.format('%.0f', now - c.keepMs))
    redis.call('PEXPIRE', c.key, c.keepMs)
  elseif c.kind == 'radius' then
    for _, member in ipairs(c.members) do
      redis.call('ZADD', c.key, string.format('%.0f', now), member)
    end
    redis.call('ZREMRANGEBYSCORE', c.key, '-inf', string.format('%.0f', now - c.ms))
    redis.call('PEXPIRE', c.key, c.ms)
  end
end
for _, w in ipairs(tx.writes) do redis.call(unpack(w)) end
return '{"kind":"committed"}'
`;

type WithTransact = Redis & {
  jidokaTransact(key: string, transaction: string, nowMs: number): Promise<string>;
};

/**
 * Executes checks, claims and writes in one atomic step.
 *
 * @throws whatever ioredis throws when Redis does not take it; nothing is written then.
 */
export async function transact(
  redis: Redis,
  key: string,
  transaction: Transaction,
): Promise<TransactionResult> {
  const { checks, claims = [], writes, nowMs } = transaction;
  const sent = { checks, claims: claims.map(sendable), writes: texts(writes) };
  return execute(redis, key, sent, nowMs);
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
  key: string,
  { claims, nowMs }: { readonly claims: readonly Claim[]; readonly nowMs: number },
): Promise<readonly Refusal[]> {
  const sent = { probe: true, checks: [], claims: claims.map(sendable), writes: [] };
  const result = await execute(redis, key, sent, nowMs);
  return result.kind === 'refused' ? result.refusals : [];
}

async function execute(
  redis: Redis,
  key: string,
  sent: object,
  nowMs: number,
): Promise<TransactionResult> {
  const client = redis as WithTransact;
  if (client.jidokaTransact === undefined) {
    redis.defineCommand('jidokaTransact', { numberOfKeys: 1, lua: script });
  }
  const answer = await client.jidokaTransact(key, JSON.stringify(sent), nowMs);
  return JSON.parse(answer) as TransactionResult;
}

/** Numbers as texts: Lua would write a large one as `1.7e+12`. */
function texts(writes: readonly Write[]): readonly string[][] {
  return writes.map((write) => write.map(String));
}

function sendable(claim: Claim) {
  return claim.kind === 'radius' ? { ...claim, trips: texts(claim.trips) } : claim;
}
