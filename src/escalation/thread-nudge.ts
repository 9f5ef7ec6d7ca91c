import type { Ledger } from '../ledger/ledger.js';
import type { Thread } from '../ledger/thread.js';
import type { Write } from '../ledger/transaction.js';
import type { Claim } from './claim.js';
import { begunField, type Delivery } from './delivery.js';
import type { Slack } from './slack.js';
import { context, section } from './slack-blocks.js';
import { SlackError } from './slack-error.js';
import { renderGroup } from './slack-group.js';
import { reminderLine } from './slack-line.js';
import { mention, mrkdwn } from './slack-text.js';
import { afterwards, hashOf, type Step } from './thread-reply.js';
import type { ThreadView } from './thread-view.js';
import type { Threads } from './threads.js';

interface Parts {
  readonly ledger: Ledger;
  readonly slack: Slack;
  readonly threads: Threads;
  readonly delivery: Delivery;
  readonly channelOf: (thread: Pick<Thread, 'channel'>) => string;
  readonly now: () => number;
}

/** What falls due soon after a reminder is covered by it. */
const remindEveryMs = 10 * 60_000;

/** What people get when nobody answers: a reminder in the thread, and a message in the channel of each further tier. */
export function createThreadNudge(parts: Parts) {
  const { ledger, slack, threads, delivery, channelOf, now } = parts;
  const { redis } = ledger;

  /** `null`: nothing is owed. */
  async function step(claim: Claim, view: ThreadView): Promise<Step | null> {
    return (await sendTiers(claim, view)) ?? (await remind(claim, view));
  }

  /** The questions that were passed on stand in the channel of their tier too, for as long as they are open. */
  async function sendTiers(claim: Claim, view: ThreadView): Promise<Step | null> {
    const { stored, group, questions } = view;
    const { value: thread } = stored;
    const passed = questions.flatMap(({ value }) => value.passedOn ?? []);
    const longest = Math.max(0, ...questions.map(({ value }) => value.passedOn?.length ?? 0));
    const known = Object.keys(thread.tiers).map((tier) => Number(tier) + 1);
    if (passed.length === 0 && known.length === 0) return null;
    for (let tier = 0; tier < Math.max(longest, ...known); tier += 1) {
      const to = questions.flatMap(({ value }) => value.passedOn?.[tier] ?? [])[0];
      const posted = thread.tiers[tier];
      if (to === undefined && posted === undefined) continue;
      const channel = to?.channel ?? channelOf(thread);
      const link = await linkTo(thread, claim);
      const called = (to?.mention ?? []).map(mention).filter(Boolean).join(' ');
      const notes = [
        ...section(called),
        ...context(`Nobody has answered in ${mrkdwn(channelOf(thread), 80)}.`),
      ];
      const content = renderGroup({ ...group, notes: to === undefined ? [] : notes, link });
      const field = `shown-${tier}`;
      const shown = hashOf(content);
      const saved: Write = ['HSET', claim.record, field, shown];
      const sending = { claim, channel, sinceMs: to?.atMs ?? now() };
      if (posted !== undefined) {
        if (shown === (await redis.hget(claim.record, field))) continue;
        const delivered = await delivery.update(sending, posted, content);
        if (delivered.kind === 'updated' || delivered.kind === 'gone') await write([saved]);
        return afterwards(delivered);
      }
      const id = `${thread.id}.tier-${tier}`;
      const delivered = await delivery.post(sending, { ...content, channel, id });
      if (delivered.kind === 'posted') {
        const tiers = { [tier]: delivered.posted };
        await threads.changeThread(
          thread.id,
          (current) => ({ ...current, tiers: { ...current.tiers, ...tiers } }),
          [saved, ['HDEL', claim.record, begunField(id)]],
        );
      }
      return afterwards(delivered);
    }
    return null;
  }

  /** One reminder for all that is open, in the thread and in the channel. */
  async function remind(claim: Claim, { stored, questions }: ThreadView): Promise<Step | null> {
    const { id: threadId, root, remindedAtMs, channel } = stored.value;
    const latest = Math.max(0, ...questions.map(({ value }) => value.remindedAtMs ?? 0));
    const [oldest] = questions;
    if (root === null || oldest === undefined) return null;
    if (latest === 0 || (remindedAtMs !== null && latest < remindedAtMs + remindEveryMs))
      return null;
    const id = `${threadId}.remind-${latest}`;
    const sending = { claim, channel: channelOf({ channel }), sinceMs: latest };
    const delivered = await delivery.post(sending, {
      ...reminderLine(stored.open, oldest.value.title),
      channel: root.channel,
      id,
      threadTs: root.ts,
      broadcast: true,
    });
    if (delivered.kind === 'posted') {
      const reminded = { remindedAtMs: latest };
      await threads.changeThread(threadId, (current) => ({ ...current, ...reminded }), [
        ['HDEL', claim.record, begunField(id)],
      ]);
    }
    if (delivered.kind === 'gone') {
      await threads.forgetRoot(threadId);
    }
    return afterwards(delivered);
  }

  /** The address of the thread, for those who are called from elsewhere; `null`: Slack does not say. */
  async function linkTo({ root }: Thread, claim: Claim): Promise<string | null> {
    if (root === null) return null;
    const known = await redis.hget(claim.record, 'link');
    if (known !== null) return known;
    try {
      const link = await slack.link(root);
      await redis.hset(claim.record, 'link', link);
      return link;
    } catch (error) {
      if (!(error instanceof SlackError)) throw error;
      return null;
    }
  }

  async function write(writes: readonly Write[]): Promise<void> {
    await ledger.commit({ checks: [], writes, nowMs: now() });
  }

  return { step };
}
