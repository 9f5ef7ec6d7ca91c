import type { Lease } from '../escalation/lease.js';
import type { PassedOn, PostedMessage } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Thread } from '../ledger/thread.js';
import type { Write } from '../ledger/transaction.js';
import { type Block, context, section } from './blocks.js';
import type { Slack } from './client.js';
import { begunField, type Delivery } from './delivery.js';
import { SlackError } from './error.js';
import { renderGroup } from './group.js';
import { plainContent, reminderLine } from './line.js';
import { hashOf } from './shown-state.js';
import { linesWithin, mention, mrkdwn } from './text.js';
import { afterwards, type Step } from './thread-reply.js';
import type { ThreadView } from './thread-view.js';
import type { Threads } from './threads.js';

interface Parts {
  readonly ledger: Ledger;
  readonly slack: Slack;
  readonly threads: Threads;
  readonly delivery: Delivery;
  readonly placeOf: (thread: Thread) => string;
  readonly consoleUrl?: string | undefined;
  readonly now: () => number;
}

/** What a tier's message says when a newer one takes its place. */
const continued = plainContent('Continued in a newer message below.');
/** What falls due soon after a reminder is covered by it. */
const remindEveryMs = 10 * 60_000;
const longestCall = 1_000;

/** What people get when no one answers: a reminder in the thread, and a message in the channel of each further tier. */
export function createThreadReminder(parts: Parts) {
  const { ledger, slack, threads, delivery, placeOf, consoleUrl, now } = parts;
  const { redis } = ledger;

  /** `null`: nothing is owed. */
  async function step(lease: Lease, view: ThreadView): Promise<Step | null> {
    return (await sendTiers(lease, view)) ?? (await remind(lease, view));
  }

  /** The questions that were passed on stand in the channel of their tier too, for as long as they are open. */
  async function sendTiers(lease: Lease, view: ThreadView): Promise<Step | null> {
    const known = Object.keys(view.stored.value.tiers).map((tier) => Number(tier) + 1);
    const wanted = view.questions.map(({ value }) => value.passedOn?.length ?? 0);
    for (let tier = 0; tier < Math.max(0, ...known, ...wanted); tier += 1) {
      const sent = await sendTier(lease, view, tier);
      if (sent !== null) return sent;
    }
    return null;
  }

  /** `null`: the tier's message is as it should be. */
  async function sendTier(lease: Lease, view: ThreadView, tier: number): Promise<Step | null> {
    const { value: thread } = view.stored;
    const passed = view.questions.flatMap(({ value }) => value.passedOn?.[tier] ?? []);
    const latest = passed.toSorted((one, other) => one.atMs - other.atMs).at(-1);
    const posted = thread.tiers[tier];
    if (latest === undefined && posted === undefined) return null;
    const [shownField, elsewhereField] = [`shown-${tier}`, `elsewhere-${tier}`];
    const refused = await redis.hget(lease.record, elsewhereField);
    const here = placeOf(thread);
    const channel = (refused === null ? latest?.channel : undefined) ?? here;
    const sending = { lease, channel, sinceMs: latest?.atMs ?? now() };
    const notes = latest === undefined ? [] : calling(thread, latest, refused);
    const link = await linkTo(thread, lease);
    const content = renderGroup({ ...view.group, notes, link, consoleUrl });
    const shown = hashOf(content);
    const saved: Write = ['HSET', lease.record, shownField, shown];
    if (posted !== undefined) {
      const postedAtMs = Number(posted.ts) * 1000;
      const isOld = latest !== undefined && latest.atMs > postedAtMs + remindEveryMs;
      if (!isOld && shown === (await redis.hget(lease.record, shownField))) return null;
      const delivered = await delivery.update(sending, posted, isOld ? continued : content);
      if (delivered.kind === 'updated' || delivered.kind === 'gone') {
        // an edit calls no one: what is passed on later gets a message of its own
        if (isOld) await keepTier(thread.id, tier, undefined, []);
        else await write([saved]);
      }
      return afterwards(delivered);
    }
    const id = `${thread.id}.tier-${tier}-${latest?.atMs}`;
    const delivered = await delivery.post(sending, { ...content, channel, id });
    if (delivered.kind === 'posted') {
      const done: Write = ['HDEL', lease.record, begunField(id)];
      await keepTier(thread.id, tier, delivered.posted, [saved, done]);
    }
    const isRefused = delivered.kind === 'failed' && delivered.refused !== null;
    if (isRefused && refused === null && channel !== here) {
      await write([['HSET', lease.record, elsewhereField, delivered.refused ?? '']]);
      return { kind: 'again' };
    }
    return afterwards(delivered);
  }

  /** Who is called, and what for. */
  function calling(thread: Thread, to: PassedOn, refused: string | null): Block[] {
    const called = linesWithin(
      to.mention.map(mention).filter(Boolean),
      longestCall,
      (count) => `… and ${count} more`,
      ' ',
    );
    const why = `No answer in ${mrkdwn(placeOf(thread), 80)}.`;
    const meant =
      refused === null
        ? ''
        : ` Meant for ${mrkdwn(to.channel ?? '', 80)}, which Slack refused (${refused}).`;
    return [...section(called), ...context(why + meant)];
  }

  async function keepTier(
    threadId: string,
    tier: number,
    posted: PostedMessage | undefined,
    writes: readonly Write[],
  ): Promise<void> {
    const next = ({ tiers, ...current }: Thread): Thread => {
      const { [tier]: _, ...others } = tiers;
      return { ...current, tiers: posted === undefined ? others : { ...others, [tier]: posted } };
    };
    await threads.changeThread(threadId, next, writes);
  }

  /** One reminder for all that is open, in the thread and in the channel. */
  async function remind(lease: Lease, { stored, questions }: ThreadView): Promise<Step | null> {
    const { id: threadId, root, remindedAtMs } = stored.value;
    const latest = Math.max(0, ...questions.map(({ value }) => value.remindedAtMs ?? 0));
    const [oldest] = questions;
    if (root === null || oldest === undefined) return null;
    if (latest === 0 || (remindedAtMs !== null && latest < remindedAtMs + remindEveryMs))
      return null;
    const id = `${threadId}.remind-${latest}`;
    const sending = { lease, channel: placeOf(stored.value), sinceMs: latest };
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
        ['HDEL', lease.record, begunField(id)],
      ]);
    }
    if (delivered.kind === 'gone') {
      await threads.forgetRoot(threadId);
    }
    return afterwards(delivered);
  }

  /** The address of the thread, for those who are called from elsewhere; `null`: Slack does not say. */
  async function linkTo({ root }: Thread, lease: Lease): Promise<string | null> {
    if (root === null) return null;
    const known = await redis.hget(lease.record, `link:${root.ts}`);
    if (known !== null) return known;
    try {
      const link = await slack.link(root);
      await redis.hset(lease.record, `link:${root.ts}`, link);
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
