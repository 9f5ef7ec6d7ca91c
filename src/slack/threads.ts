import { gatherMs } from '../escalation/lease.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import { executed } from '../ledger/pipeline.js';
import type { StoredEscalation } from '../ledger/record-reads.js';
import { conflict, retryOnConflict } from '../ledger/retry-on-conflict.js';
import { scheduleItem } from '../ledger/schedule-item.js';
import type { StoredThread, Thread } from '../ledger/thread.js';
import type { Check, Write } from '../ledger/transaction.js';
import type { Clock } from '../lib/clock.js';

/** How long after its last question was closed a thread still takes the next one of its group. */
const quietMs = 15 * 60_000;
/** How many questions of a thread have a message each; the others are counted until it is their turn. */
export const maxReplies = 20;

/** Reads and changes threads, and the escalations that are shown in them, anyone who else changes them too. */
export function createThreads({
  ledger,
  clock,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
}) {
  const { keys, redis } = ledger;

  async function read(id: string): Promise<StoredThread | null> {
    const [[rev = null, data = null], members, open] = (await executed(
      redis
        .pipeline()
        .hmget(keys.thread(id), 'rev', 'data')
        .zcard(keys.threadMembers(id))
        .zcard(keys.threadOpen(id)),
    )) as [(string | null)[], number, number];
    if (rev === null || data === null) return null;
    return { rev: Number(rev), value: JSON.parse(data) as Thread, members, open };
  }

  /**
   * The escalation, in a thread: the present one of its group while that is alive, else a new one.
   * `null`: there is no such escalation.
   */
  async function join(id: string): Promise<StoredEscalation | null> {
    return retryOnConflict(`the thread of escalation ${id}`, async () => {
      const stored = await ledger.escalation(id);
      if (stored === null) return null;
      const { value } = stored;
      if (value.thread !== undefined) {
        if ((await redis.exists(keys.thread(value.thread))) === 1) return stored;
      }
      const { threadId, checks, writes } = await placeFor(value);
      const placed = { ...value, thread: threadId };
      const save = ledger.saveEscalation(stored, placed, null);
      const result = await ledger.commit({
        checks: [save.check, ...checks],
        writes: [
          ['ZADD', keys.threadMembers(threadId), value.createdAtMs, id],
          ...save.writes,
          ...writes,
        ],
        nowMs: clock.now(),
      });
      if (result.kind !== 'committed') return conflict;
      return { ...stored, rev: stored.rev + 1, value: placed };
    });
  }

  async function placeFor({ group, channel, createdAtMs }: Escalation): Promise<Place> {
    const nowMs = clock.now();
    const key = group === undefined ? null : keys.threadOf(group);
    const current = key === null ? null : await redis.get(key);
    const found = current === null ? null : await read(current);
    const unchanged: Check[] =
      key === null
        ? []
        : [current === null ? { kind: 'absent', key } : { kind: 'string', key, value: current }];
    if (current !== null && found !== null && (await isAlive(found, nowMs))) {
      // a storm is gathered into one edit
      const atMs = found.value.root === null ? nowMs : nowMs + gatherMs;
      const due: Write = ['ZADD', keys.schedule, 'LT', atMs, scheduleItem('thread', current)];
      return { threadId: current, checks: unchanged, writes: [due] };
    }
    const threadId = ledger.newId();
    const thread: Thread = {
      id: threadId,
      group: group ?? null,
      channel,
      createdAtMs,
      root: null,
      meantFor: null,
      tiers: {},
      remindedAtMs: null,
    };
    const save = ledger.saveThread(null, thread);
    return {
      threadId,
      checks: [...unchanged, save.check],
      writes: [
        ...save.writes,
        ...(key === null ? [] : [['SET', key, threadId, 'PX', threadOfKeptMs] as const]),
        ['ZADD', keys.schedule, nowMs, scheduleItem('thread', threadId)],
      ],
    };
  }

  /** Whether its message is still what people look at: something in it is open, or was until lately. */
  async function isAlive({ value, open }: StoredThread, nowMs: number): Promise<boolean> {
    if (open > 0) return true;
    const [last] = await redis.zrevrange(keys.threadMembers(value.id), 0, 0);
    const stored = last === undefined ? null : await ledger.escalation(last);
    if (stored === null) return false;
    const { runId, endedAtMs, createdAtMs } = stored.value;
    const run = runId === null ? null : await ledger.run(runId);
    if (run !== null && run.value.state !== 'ended') return true;
    const quietSinceMs = Math.max(endedAtMs ?? createdAtMs, run?.value.endedAtMs ?? 0);
    return quietSinceMs + quietMs > nowMs;
  }

  /** Changes a thread; `null`: it is gone. */
  async function changeThread(
    id: string,
    next: (current: Thread) => Thread,
    writes: readonly Write[] = [],
  ): Promise<void> {
    await retryOnConflict(`thread ${id}`, async () => {
      const stored = await read(id);
      if (stored === null) return undefined;
      const save = ledger.saveThread(stored, next(stored.value));
      const result = await ledger.commit({
        checks: [save.check],
        writes: [...save.writes, ...writes],
        nowMs: clock.now(),
      });
      return result.kind === 'committed' ? undefined : conflict;
    });
  }

  /** Changes an escalation; `null`: it is gone. */
  async function changeEscalation(
    id: string,
    next: (current: Escalation) => Escalation,
    extra: readonly Write[] = [],
  ): Promise<StoredEscalation | null> {
    return retryOnConflict(`escalation ${id}`, async () => {
      const stored = await ledger.escalation(id);
      if (stored === null) return null;
      const value = next(stored.value);
      const { check, writes } = ledger.saveEscalation(stored, value, null);
      const all = [...writes, ...extra];
      const result = await ledger.commit({ checks: [check], writes: all, nowMs: clock.now() });
      if (result.kind !== 'committed') return conflict;
      return { ...stored, rev: stored.rev + 1, value };
    });
  }

  /** The message that the thread hangs on is gone, and its thread with it: what is open there is posted again. */
  async function forgetRoot(id: string): Promise<void> {
    const stored = await read(id);
    if (stored === null || stored.value.root === null) return;
    // the thread last: after a crash in between it is found gone once more
    for (const member of await redis.zrange(keys.threadOpen(id), '0', String(maxReplies - 1))) {
      await changeEscalation(member, (current) => ({ ...current, posted: null }));
    }
    const due: Write = ['ZADD', keys.schedule, 'LT', clock.now(), scheduleItem('thread', id)];
    await changeThread(id, (thread) => ({ ...thread, root: null }), [due]);
  }

  return { read, join, changeThread, changeEscalation, forgetRoot };
}

export type Threads = ReturnType<typeof createThreads>;

/** The thread of a group is remembered for as long as something of it may be open. */
const threadOfKeptMs = 90 * 24 * 3_600_000;

interface Place {
  readonly threadId: string;
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}
