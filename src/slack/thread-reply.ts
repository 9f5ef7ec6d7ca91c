import { isObsolete } from '../escalation/is-obsolete.js';
import { gatherMs, type Lease } from '../escalation/lease.js';
import { noteUndelivered } from '../escalation/undelivered.js';
import type { Ledger } from '../ledger/ledger.js';
import type { StoredEscalation } from '../ledger/record-reads.js';
import { scheduleItem } from '../ledger/schedule-item.js';
import type { StoredThread, Thread } from '../ledger/thread.js';
import type { Check, Write } from '../ledger/transaction.js';
import type { SeverityPolicy } from '../playbook/policy.js';
import { begunField, type Delivered, type Delivery } from './delivery.js';
import { linesOf } from './line.js';
import { type MessageContent, renderMessage } from './message.js';
import { shownState } from './shown-state.js';
import { hasReply, isReply, withRun } from './thread-view.js';
import { maxReplies, type Threads } from './threads.js';

/** What was done for a message in one go. */
export type Step =
  /** Something was sent or changed: look again. */
  | { readonly kind: 'again' }
  /** It is up to date if `checks` hold. */
  | { readonly kind: 'rest'; readonly checks: readonly Check[]; readonly writes: readonly Write[] }
  | { readonly kind: 'wait'; readonly untilMs: number };

interface Parts {
  readonly ledger: Ledger;
  readonly threads: Threads;
  readonly delivery: Delivery;
  readonly placeOf: (thread: Thread) => string;
  readonly consoleUrl?: string | undefined;
  readonly severity?: (() => SeverityPolicy) | undefined;
  readonly now: () => number;
}

/** The lines that a thread takes of all its escalations: history, not a log. */
const maxLines = 60;
/** What comes sooner after something that the channel saw is not shown in the channel as well. */
const noticeEveryMs = 10 * 60_000;

/** Brings what the thread shows of one escalation besides its root to what the ledger says, a message at a time. */
export function createThreadReply(parts: Parts) {
  const { ledger, threads, delivery, placeOf, consoleUrl, now, severity } = parts;
  const { keys, redis } = ledger;

  async function step(lease: Lease, stored: StoredEscalation): Promise<Step> {
    const { value } = stored;
    const thread = value.thread === undefined ? null : await threads.read(value.thread);
    if (thread === null) return rest(stored, null);
    const rank = await redis.zrank(keys.threadOpen(thread.value.id), value.id);
    const isAmongFirst = rank !== null && rank < maxReplies;
    const { root } = thread.value;
    // the root goes first; it has this looked at again
    if (root === null || (value.posted === null && isObsolete(value))) return rest(stored, thread);
    const input = await withRun(ledger, stored);
    if (hasReply(thread, value, isAmongFirst)) {
      const shown = { consoleUrl, severity: severity?.() };
      const content = renderMessage({ ...input, ...shown });
      const bare = renderMessage({ ...input, ...shown, evidence: null });
      const sent = await sendReply(lease, stored, thread, content, bare);
      if (sent !== null) return sent;
    }
    if (thread.value.group === null || value.posted === null) return rest(stored, thread);
    const isOwn = isReply(thread.value, value);
    return (
      (await sendLine(lease, stored, thread, linesOf(value, input.run, isOwn))) ??
      rest(stored, thread)
    );
  }

  /** `null`: it is as it should be. */
  async function sendReply(
    lease: Lease,
    { value }: StoredEscalation,
    thread: StoredThread,
    content: MessageContent,
    bare: MessageContent,
  ): Promise<Step | null> {
    const { root, id: threadId } = thread.value;
    if (root === null) return null;
    const state = await shownState(redis, lease.record, content, bare);
    const { known } = state;
    const sending = {
      lease,
      channel: placeOf(thread.value),
      sinceMs: value.endedAtMs ?? value.createdAtMs,
    };
    if (isReply(thread.value, value) && value.posted !== null) {
      if (state.isShown) return null;
      const isAnswered = value.state === 'answered';
      const edit = { ...sending, priority: isAnswered ? ('urgent' as const) : state.priority };
      const delivered = await delivery.update(edit, value.posted, content);
      if (delivered.kind === 'updated') await write([known]);
      if (delivered.kind === 'gone') {
        if (value.state !== 'open') return { kind: 'rest', checks: [], writes: [known] };
        await threads.changeEscalation(value.id, (current) => ({ ...current, posted: null }));
      }
      return afterwards(delivered);
    }
    const noticed = await redis.hget(keys.thread(threadId), 'noticed');
    const isQuiet = now() - Number(noticed ?? 0) > noticeEveryMs;
    const broadcast = value.kind === 'approval' || thread.open <= 1 || isQuiet;
    const delivered = await delivery.post(sending, {
      ...content,
      channel: root.channel,
      id: value.id,
      threadTs: root.ts,
      broadcast,
    });
    if (delivered.kind === 'posted') {
      const { posted } = delivered;
      await threads.changeEscalation(value.id, (current) => ({ ...current, posted }), [
        known,
        ['HDEL', lease.record, begunField(value.id)],
        ['ZREM', keys.undelivered, value.id],
        ...(broadcast ? [['HSET', keys.thread(threadId), 'noticed', now()] as const] : []),
      ]);
    }
    if (delivered.kind === 'gone') await threads.forgetRoot(threadId);
    if (delivered.kind === 'failed' && value.state === 'open') {
      await noteUndelivered(ledger, value.id, delivered, now());
    }
    return afterwards(delivered);
  }

  /** Tells the next line that was not told yet; `null`: there is none. */
  async function sendLine(
    lease: Lease,
    { value }: StoredEscalation,
    { value: thread }: StoredThread,
    lines: ReturnType<typeof linesOf>,
  ): Promise<Step | null> {
    const { root } = thread;
    const told = await redis.hget(lease.record, 'told');
    const known: readonly string[] = told === null ? [] : JSON.parse(told);
    const next = lines.find(({ event }) => !known.includes(event));
    if (root === null || next === undefined) return null;
    const threadKey = keys.thread(thread.id);
    if (Number(await redis.hget(threadKey, 'lines')) >= maxLines) return null;
    const id = `${value.id}.${next.event}`;
    const sending = {
      lease,
      channel: placeOf(thread),
      sinceMs: value.endedAtMs ?? now(),
    };
    const delivered = await delivery.post(sending, {
      ...next.content,
      channel: root.channel,
      id,
      threadTs: root.ts,
    });
    if (delivered.kind === 'posted') {
      await write([
        ['HSET', lease.record, 'told', JSON.stringify([...known, next.event])],
        ['HDEL', lease.record, begunField(id)],
        ['HINCRBY', threadKey, 'lines', 1],
      ]);
    }
    if (delivered.kind === 'gone') await threads.forgetRoot(thread.id);
    return afterwards(delivered);
  }

  async function write(writes: readonly Write[]): Promise<void> {
    await ledger.commit({ checks: [], writes, nowMs: now() });
  }

  /**
   * Nothing is to be sent, if neither the escalation, the number of its alerts nor the thread has
   * changed since they were read. What changed here may show in the thread's message; the news of a
   * storm is gathered.
   */
  function rest({ rev, value, joined }: StoredEscalation, thread: StoredThread | null): Step {
    const checks: Check[] = [{ kind: 'rev', key: keys.escalation(value.id), rev }];
    const key = keys.caseInfo(value.caseId);
    if (joined > 0) checks.push({ kind: 'field', key, field: 'joined', value: String(joined) });
    if (thread === null) return { kind: 'rest', checks, writes: [] };
    const { id, root } = thread.value;
    checks.push({ kind: 'rev', key: keys.thread(id), rev: thread.rev });
    const isOneOfMany = root !== null && thread.members > 1 && value.state === 'open';
    const dueAtMs = now() + (isOneOfMany ? gatherMs : 0);
    const due: Write = ['ZADD', keys.schedule, 'LT', dueAtMs, scheduleItem('thread', id)];
    return { kind: 'rest', checks, writes: [due] };
  }

  return { step, rest };
}

/** What follows from a try to send. */
export function afterwards(delivered: Delivered): Step {
  switch (delivered.kind) {
    case 'updated':
    case 'posted':
    case 'gone':
      return { kind: 'again' };
    case 'wait':
      return { kind: 'wait', untilMs: delivered.untilMs };
    case 'failed':
      return { kind: 'wait', untilMs: delivered.againAtMs };
  }
}
