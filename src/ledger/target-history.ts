import type {
  TargetEvent,
  TargetHistory,
  TargetHistoryReader,
} from '../integrations/contract/evidence.js';
import type { Clock } from '../lib/clock.js';
import type { Ledger } from './ledger.js';
import { executed } from './pipeline.js';

/** How long it is kept what happened to targets. */
const keptMs = 7 * 24 * 3_600_000;
/** How many events of one scope are kept: the latest. */
const maxKept = 500;
/** After so long without a look something may have been missed. */
const maxGapMs = 20 * 60_000;
/** Several workers may see one event at different times; of the same in a row within this time the first counts. */
const sameWithinMs = 10 * 60_000;

/** What happened to targets, and since when all of it was seen. */
export interface SeenHistory {
  /** Oldest first. */
  readonly events: readonly TargetEvent[];
  /** `null`: the system is not watched. */
  readonly seenSinceMs: number | null;
}

/**
 * What happens to targets, kept in Redis for 7 days. Every method throws what ioredis throws.
 *
 * Evidence bears with short breaks (`sinceMs`); a decision does not (`wholeSinceMs`).
 */
export function createTargetHistory({
  ledger: { redis, keys },
  clock,
}: {
  readonly ledger: Pick<Ledger, 'redis' | 'keys'>;
  readonly clock: Clock;
}): TargetHistory &
  TargetHistoryReader & {
    between(
      system: string,
      scopes: readonly string[],
      range: { readonly fromMs: number; readonly toMs: number },
    ): Promise<SeenHistory>;
  } {
  return {
    async note(system, events, targets) {
      const nowMs = clock.now();
      const seen = keys.targetHistorySeen(system);
      const [, last = null] = await redis.hmget(seen, 'sinceMs', 'lastMs');
      const pipeline = redis.pipeline();
      if (last === null || Number(last) + maxGapMs < nowMs) {
        pipeline.hset(seen, { sinceMs: nowMs, wholeSinceMs: nowMs });
      }
      if (targets?.isFirst) pipeline.hset(seen, 'wholeSinceMs', nowMs);
      pipeline.hset(seen, 'lastMs', nowMs).pexpire(seen, keptMs);
      const versions = keys.targetVersions(system);
      for (const [scope, version] of targets?.versions ?? []) {
        if (version === null) pipeline.hdel(versions, scope);
        else pipeline.hset(versions, scope, version);
      }
      pipeline.pexpire(versions, keptMs);
      for (const { scope, atMs, ...rest } of events) {
        const key = keys.targetHistory(scope);
        pipeline
          .zadd(key, 'NX', atMs, JSON.stringify({ ...rest, atMs }))
          .zremrangebyscore(key, '-inf', nowMs - keptMs)
          .zremrangebyrank(key, 0, -maxKept - 1)
          .pexpire(key, keptMs);
      }
      await executed(pipeline);
    },

    async of(system, scope) {
      const nowMs = clock.now();
      const pipeline = redis
        .pipeline()
        .hmget(keys.targetHistorySeen(system), 'wholeSinceMs', 'lastMs')
        .hget(keys.targetVersions(system), scope)
        .zrangebyscore(keys.targetHistory(scope), nowMs - keptMs, '+inf');
      const [[since, last], version, events] = (await executed(pipeline)) as [
        [string | null, string | null],
        string | null,
        string[],
      ];
      const isWatched = last !== null && Number(last) + maxGapMs >= nowMs;
      return {
        events: events.map((text): TargetEvent => ({ ...JSON.parse(text), scope })),
        wholeSinceMs: since === null || !isWatched ? null : Number(since),
        version,
      };
    },

    async between(system, scopes, { fromMs, toMs }) {
      const pipeline = redis.pipeline().hget(keys.targetHistorySeen(system), 'sinceMs');
      for (const scope of scopes) pipeline.zrangebyscore(keys.targetHistory(scope), fromMs, toMs);
      const [since, ...lists] = (await executed(pipeline)) as [string | null, ...string[][]];
      const events = lists.flatMap((list, index) =>
        list.map((text): TargetEvent => ({ ...JSON.parse(text), scope: scopes[index] ?? '' })),
      );
      return {
        events: withoutRepeats(events.sort((a, b) => a.atMs - b.atMs)),
        seenSinceMs: since === null ? null : Number(since),
      };
    },
  };
}

/** Leaves out what several workers noted of one event. */
function withoutRepeats(events: readonly TargetEvent[]): readonly TargetEvent[] {
  const latest = new Map<string, TargetEvent>();
  return events.filter((event) => {
    const key = JSON.stringify([event.scope, event.kind, event.name]);
    const before = latest.get(key);
    latest.set(key, event);
    const isSame = before?.from === event.from && before?.to === event.to;
    return before === undefined || !isSame || before.atMs + sameWithinMs < event.atMs;
  });
}
