import type { Clock } from '../clock.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import { executed } from '../ledger/pipeline.js';
import type { StoredEscalation } from '../ledger/reads.js';
import type { StoredThread, Thread } from '../ledger/thread.js';
import type { Check, Write } from '../ledger/transaction.js';
import { gatherMs, threadItemOf } from './claim.js';

/** How long after its last question was closed a thread still takes the next one of its group. */
const quietMs = 15 * 60_000;
const mostConflicts = 20;
/** How many questions of a thread have a message each; the others are counted until it is their turn. */
export const mostReplies = 20;

/** Reads and changes threads, and the escalations that are shown in them, whoever else changes them too. */
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
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
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
      if (result.kind === 'committed') return { ...stored, rev: stored.rev + 1, value: placed };
    }
    throw new Error(`escalation ${id} finds no thread: others change it faster`);
  }

  async function placeFor({ group, channel, createdAtMs, posted }: Escalation): Promise<Place> {
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
      const due: Write = ['ZADD', keys.agenda, 'LT', atMs, threadItemOf(current)];
      return { threadId: current, checks: unchanged, writes: [due] };
    }
    const threadId = ledger.newId();
    const thread: Thread = {
      id: threadId,
      group: group ?? null,
      channel,
      createdAtMs,
      // one that was posted before there were threads
      root: posted,
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
        ['ZADD', keys.agenda, nowMs, threadItemOf(threadId)],
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
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      const stored = await read(id);
      if (stored === null) return;
      const save = ledger.saveThread(stored, next(stored.value));
      const result = await ledger.commit({
        checks: [save.check],
        writes: [...save.writes, ...writes],
        nowMs: clock.now(),
      });
      if (result.kind === 'committed') return;
    }
    throw new Error(`thread ${id} is changed by others faster than it can be shown`);
  }

  /** Changes an escalation; `null`: it is gone. */
  async function changeEscalation(
    id: string,
    next: (current: Escalation) => Escalation,
    extra: readonly Write[] = [],
  ): Promise<StoredEscalation | null> {
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      const stored = await ledger.escalation(id);
      if (stored === null) return null;
      const value = next(stored.value);
      const { check, writes } = ledger.saveEscalation(stored, value, null);
      const all = [...writes, ...extra];
      const result = await ledger.commit({ checks: [check], writes: all, nowMs: clock.now() });
      if (result.kind === 'committed') return { ...stored, rev: stored.rev + 1, value };
    }
    throw new Error(`escalation ${id} is changed by others faster than it can be shown`);
  }

  /** The message that the thread hangs on is gone, and its thread with it: what is open there is posted anew. */
  async function forgetRoot(id: string): Promise<void> {
    const stored = await read(id);
    if (stored === null || stored.value.root === null) return;
    // the thread last: after a crash in between it is found gone once more
    for (const member of await redis.zrange(keys.threadOpen(id), '0', String(mostReplies - 1))) {
      await changeEscalation(member, (current) => ({ ...current, posted: null }));
    }
    const due: Write = ['ZADD', keys.agenda, 'LT', clock.now(), threadItemOf(id)];
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
