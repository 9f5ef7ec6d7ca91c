import { clockFault, ledgerFault } from './fence.js';

/**
 * Carries out transactions one after another, each by itself: what becomes of one is nothing to the
 * others. ARGV[1] is the fence as JSON, or empty; KEYS[2] and KEYS[3] are the ledger's id and its marks.
 * Then there are, of each transaction, its checks and claims as JSON, its time, how many writes it has, and
 * each write as the number of its arguments and these.
 *
 * The shebang makes Redis 7 refuse the whole script when memory is used up or the server is a
 * replica, so that it can never stop half-way.
 */
export const transactionScript = `#!lua
-- Carries out one transaction whose writes begin at ARGV[first]; '' says that it did.
local function transact(tx, now, first, writes)
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
      if own and own > now - c.ms then used = used - 1 end -- admitted again, it counts once
      if used >= c.count then
        local leaves = redis.call('ZRANGEBYSCORE', c.key, after, '+inf', 'WITHSCORES', 'LIMIT', used - c.count, 1)
        refuse(i, (tonumber(leaves[2]) or now) + c.ms)
      end
    end
  end
  if #refusals > 0 then return cjson.encode({ kind = 'refused', refusals = refusals }) end
  if tx.probe then return '' end

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
  local at = first
  for _ = 1, writes do
    local last = at + tonumber(ARGV[at])
    redis.call(unpack(ARGV, at + 1, last))
    at = last + 1
  end
  return ''
end

-- while a cluster moves the slot away it refuses keys that are not there: here, before anything is written
redis.call('EXISTS', KEYS[1] .. ':none')

if ARGV[1] ~= '' then
  local fence = cjson.decode(ARGV[1])
  local mark = tonumber(redis.call('HGET', KEYS[3], fence.engine) or '')
  if redis.call('GET', KEYS[2]) ~= fence.ledgerId or not mark or mark < fence.sinceMs then
    return redis.error_reply('${ledgerFault} the ledger in Redis is not the one that this engine works with: it was restored, lost or replaced')
  end
  local time = redis.pcall('TIME') -- this user may be refused it
  local aheadMs = time.err and 0 or fence.nowMs - (time[1] * 1000 + math.floor(time[2] / 1000))
  if math.abs(aheadMs) > fence.maxSkewMs then
    return redis.error_reply('${clockFault} the clock of this engine differs from that of Redis by ' .. string.format('%.0f', math.abs(aheadMs) / 1000) .. ' s: run NTP on both machines')
  end
end

local answers = {}
local at, last = 2, #ARGV
while at <= last do
  local tx, now, writes = ARGV[at], tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
  local first = at + 3
  at = first
  for _ = 1, writes do at = at + 1 + tonumber(ARGV[at]) end
  local done, answer = pcall(transact, cjson.decode(tx), now, first, writes)
  if not done then
    local fault = type(answer) == 'table' and answer.err or tostring(answer)
    answer = cjson.encode({ kind = 'failed', fault = fault })
  end
  answers[#answers + 1] = answer
end
return answers
`;
