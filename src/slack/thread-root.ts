import type { Lease } from '../escalation/lease.js';
import { noteUndelivered } from '../escalation/undelivered.js';
import type { Ledger } from '../ledger/ledger.js';
import { scheduleItem, type Wake } from '../ledger/schedule-item.js';
import type { Thread } from '../ledger/thread.js';
import type { Write } from '../ledger/transaction.js';
import type { SeverityPolicy } from '../playbook/policy.js';
import { type Block, context } from './blocks.js';
import type { Slack } from './client.js';
import { begunField, type Delivery } from './delivery.js';
import { SlackError } from './error.js';
import { renderGroup } from './group.js';
import { shownState } from './shown-state.js';
import { mrkdwn } from './text.js';
import { createThreadReminder } from './thread-reminder.js';
import { afterwards, type Step } from './thread-reply.js';
import { hasReply, isReply, type ThreadView, viewThread } from './thread-view.js';
import type { Threads } from './threads.js';

interface Parts {
  readonly ledger: Ledger;
  readonly slack: Slack;
  readonly threads: Threads;
  readonly delivery: Delivery;
  readonly defaultChannel: string | undefined;
  /** The channel, as it is configured, that its message stands in or is to stand in. */
  readonly placeOf: (thread: Thread) => string;
  readonly consoleUrl?: string | undefined;
  readonly severity?: (() => SeverityPolicy) | undefined;
  readonly wake: Wake;
  readonly now: () => number;
}

const noChannel = { code: 'no_channel' };
/** Where nothing can be posted to, the default channel is tried. */
const noSuchPlace: ReadonlySet<string> = new Set([
  'channel_not_found',
  'not_in_channel',
  'is_archived',
]);

/** Brings the messages of a thread that stand in channels to what the ledger says, a message at a time. */
export function createThreadRoot(parts: Parts) {
  const { ledger, threads, delivery, defaultChannel, placeOf, consoleUrl, wake, now } = parts;
  const { keys, redis } = ledger;
  const nudge = createThreadReminder(parts);

  async function step(lease: Lease, threadId: string): Promise<Step> {
    const view = await viewThread(ledger, threads, threadId);
    if (view === null) return { kind: 'rest', checks: [], writes: [] };
    const { root } = view.stored.value;
    if (root === null && !view.isNews) return rest(view);
    return (
      (await sendRoot(lease, view)) ??
      (await keepPosted(view)) ??
      (await wakeReplies(view)) ??
      (await nudge.step(lease, view)) ??
      rest(view)
    );
  }

  /** `null`: it is as it should be. */
  async function sendRoot(lease: Lease, view: ThreadView): Promise<Step | null> {
    const { value: thread } = view.stored;
    const notes = meantForNote(thread);
    const shown = { notes, link: null, consoleUrl, severity: parts.severity?.() };
    const content = renderGroup({ ...view.group, ...shown });
    const named = view.group.named.map((one) => ({ ...one, evidence: null }));
    const bare = renderGroup({ ...view.group, ...shown, named });
    const state = await shownState(redis, lease.record, content, bare);
    if (thread.root !== null && state.isShown) return null;
    const { known } = state;
    const to = placeOf(thread);
    const sending = { lease, channel: to, sinceMs: thread.createdAtMs };
    if (thread.root !== null) {
      const isAnswered = view.only?.value.state === 'answered';
      const edit = { ...sending, priority: isAnswered ? ('urgent' as const) : state.priority };
      const delivered = await delivery.update(edit, thread.root, content);
      if (delivered.kind === 'updated') await write([known]);
      if (delivered.kind === 'gone') {
        if (view.stored.open === 0) {
          await write([known]);
        } else {
          await threads.forgetRoot(thread.id);
        }
      }
      return afterwards(delivered);
    }
    if (to === '') return nowhere(lease, view);
    // a message that was deleted is another one when it is posted again
    const id = `${thread.id}.${thread.meantFor === null ? 'root' : 'elsewhere'}`;
    const delivered = await delivery.post(sending, { ...content, channel: to, id });
    if (delivered.kind === 'posted') {
      const { posted: newRoot } = delivered;
      const done: Write[] = [
        known,
        ['HDEL', lease.record, begunField(id)],
        ['HSET', lease.record, 'noticed', now()],
      ];
      for (const { value } of view.questions) done.push(['ZREM', keys.undelivered, value.id]);
      await threads.changeThread(thread.id, (current) => ({ ...current, root: newRoot }), done);
    }
    if (delivered.kind === 'failed') {
      const { refused } = delivered;
      const elsewhere = defaultChannel !== undefined && defaultChannel !== to;
      if (refused !== null && noSuchPlace.has(refused) && elsewhere) {
        const meantFor = { channel: to, code: refused };
        await threads.changeThread(thread.id, (current) => ({ ...current, meantFor }));
        return { kind: 'again' };
      }
      await noteAll(view, delivered);
    }
    return afterwards(delivered);
  }

  /** That the thread's message shows an escalation is noted with it, as long as it has none of its own. */
  async function keepPosted({ stored, only }: ThreadView): Promise<Step | null> {
    const { root, group } = stored.value;
    if (root === null || only === null) return null;
    if (only.value.kind === 'approval' && group !== null) return null;
    if (only.value.posted?.ts === root.ts) return null;
    await threads.changeEscalation(only.value.id, (current) => ({ ...current, posted: root }));
    return { kind: 'again' };
  }

  /** Has the messages looked at that the thread lacks, now that there is something for them to hang on. */
  async function wakeReplies(view: ThreadView): Promise<null> {
    const missing = view.questions.filter(({ value }) => {
      return hasReply(view.stored, value, true) && !isReply(view.stored.value, value);
    });
    const writes = missing.map(({ value }): Write => {
      return ['ZADD', keys.schedule, 'NX', now(), scheduleItem('message', value.id)];
    });
    if (writes.length > 0) await write(writes);
    for (const { value } of missing) await wake(scheduleItem('message', value.id), now());
    return null;
  }

  async function noteAll(
    { questions }: ThreadView,
    failed: { readonly fault: string; readonly refused: string | null },
  ): Promise<void> {
    for (const { value } of questions) {
      // an offer that waits is no one's emergency
      if (value.kind === 'lesson') continue;
      await noteUndelivered(ledger, value.id, failed, now());
    }
  }

  async function nowhere(lease: Lease, view: ThreadView): Promise<Step> {
    const fault = 'no channel to post to: set SLACK_CHANNEL, or escalate.channel in policy.yaml';
    const failed = await delivery.refuse(lease, new SlackError('refused', fault, noChannel));
    await noteAll(view, failed);
    return afterwards(failed);
  }

  async function write(writes: readonly Write[]): Promise<void> {
    await ledger.commit({ checks: [], writes, nowMs: now() });
  }

  function rest({ stored: { rev, value } }: ThreadView): Step {
    return { kind: 'rest', checks: [{ kind: 'rev', key: keys.thread(value.id), rev }], writes: [] };
  }

  return { step };
}

function meantForNote({ meantFor }: Thread): Block[] {
  if (meantFor === null) return [];
  const { channel, code } = meantFor;
  return context(`Meant for ${mrkdwn(channel, 80)}, which Slack refused (${code}).`);
}
