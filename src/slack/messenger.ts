import type { Labels } from '../alertmanager/alert.js';
import { handOver } from '../escalation/choices.js';
import { isObsolete } from '../escalation/is-obsolete.js';
import { createLeases, type Lease } from '../escalation/lease.js';
import type { Suggestions } from '../escalation/suggest.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import type { StoredEscalation } from '../ledger/record-reads.js';
import {
  readScheduleItem,
  type ScheduleItem,
  scheduleItem,
  type Wake,
} from '../ledger/schedule-item.js';
import type { Thread } from '../ledger/thread.js';
import type { Write } from '../ledger/transaction.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { SeverityPolicy } from '../playbook/policy.js';
import type { Slack } from './client.js';
import { createDelivery } from './delivery.js';
import { createRateLimiter } from './rate-limiter.js';
import { createThreadReply, type Step } from './thread-reply.js';
import { createThreadRoot } from './thread-root.js';
import { isReply } from './thread-view.js';
import { createThreads } from './threads.js';

export interface MessengerOptions {
  readonly ledger: Ledger;
  /** `undefined`: escalations are read and decided without Slack. */
  readonly slack: Slack | undefined;
  readonly suggest: (labels: Labels, escalation: Escalation) => Promise<Suggestions>;
  /** When people are reminded of an open question next; `null`: never again. */
  readonly remindAt: (escalation: Escalation) => number | null;
  /** Where escalations go that name no channel, or one that Slack refuses. */
  readonly defaultChannel: string | undefined;
  /** Where people's browsers reach the console, as an origin; `undefined`: messages link nowhere. */
  readonly consoleUrl?: string | undefined;
  /** How severities are told apart now; left out: messages show none. */
  readonly severity?: () => SeverityPolicy;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Keeps what people see of escalations in step with the ledger. */
export interface Messenger {
  /**
   * Looks at an item of the schedule: works out the choices of an escalation and brings its message in
   * Slack (`message:…`), or that of its thread (`thread:…`), to what the ledger says now. It may be
   * called at any time, by any worker; where nothing is due it does nothing, and what could not be
   * sent stays on the schedule.
   *
   * @throws what Redis throws; the item is due again when the lease of this try has passed.
   */
  look(item: ScheduleItem): Promise<void>;
  /** Looks at the message of an escalation and at that of its thread. */
  bringUpToDate(escalationId: string): Promise<void>;
  /** Has every open escalation looked at, so that one from before Slack was set up is posted too. */
  catchUp(): Promise<void>;
}

/** The most rounds in one go, so that what never rests cannot keep a worker to itself. */
const maxRounds = 6;

export function createMessenger(options: MessengerOptions): Messenger {
  const { ledger, slack, suggest, remindAt, clock, wake, log, defaultChannel } = options;
  const { keys } = ledger;
  const now = () => clock.now();
  const leases = createLeases(options);
  const threads = createThreads(options);
  const shown = slack === undefined ? undefined : createShown(slack);

  function createShown(client: Slack) {
    const pace = createRateLimiter(options);
    const delivery = createDelivery({ ...options, slack: client, leases, pace });
    const placeOf = ({ channel, meantFor }: Pick<Thread, 'channel' | 'meantFor'>) =>
      (meantFor === null ? channel : undefined) ?? defaultChannel ?? '';
    return {
      reply: createThreadReply({ ...options, threads, delivery, placeOf, now }),
      root: createThreadRoot({ ...options, slack: client, threads, delivery, placeOf, now }),
    };
  }

  async function look(item: ScheduleItem): Promise<void> {
    const { kind, id } = readScheduleItem(item);
    return kind === 'thread' ? lookAtThread(id) : bringUpToDate(id);
  }

  async function bringUpToDate(id: string): Promise<void> {
    await takeButtonsAway(id);
    await lookAtMessage(id);
    const thread = (await ledger.escalation(id))?.value.thread;
    if (thread === undefined) return;
    await lookAtThread(thread);
    await lookAtMessage(id);
  }

  /**
   * Edits the thread's message first where it holds the buttons of a question that is decided, so that
   * they are gone before the thread tells of the decision.
   */
  async function takeButtonsAway(id: string): Promise<void> {
    const question = (await ledger.escalation(id))?.value;
    if (question === undefined || question.state === 'open' || question.thread === undefined)
      return;
    const thread = await threads.read(question.thread);
    if (thread === null || question.posted === null || isReply(thread.value, question)) return;
    const nowMs = now();
    const due: Write = [
      'ZADD',
      keys.schedule,
      'LT',
      nowMs,
      scheduleItem('thread', thread.value.id),
    ];
    await ledger.commit({ checks: [], writes: [due], nowMs });
    await lookAtThread(thread.value.id);
  }

  async function lookAtMessage(id: string): Promise<void> {
    await rounds(scheduleItem('message', id), keys.escalation(id), (lease) => message(lease, id));
  }

  async function lookAtThread(id: string): Promise<void> {
    await rounds(scheduleItem('thread', id), keys.thread(id), async (lease) => {
      return shown?.root.step(lease, id) ?? { kind: 'rest', checks: [], writes: [] };
    });
  }

  /** Works on an item until it is up to date, has to wait, or is another. */
  async function rounds(
    item: ScheduleItem,
    record: string,
    step: (lease: Lease) => Promise<Step>,
  ): Promise<void> {
    for (let round = 0; round < maxRounds; round += 1) {
      const lease = await leases.take(item, record);
      if (lease === null) return;
      const done = await step(lease);
      switch (done.kind) {
        case 'again':
          await leases.postpone(lease, now());
          break;
        case 'rest':
          if (await leases.settle(lease, done.checks, done.writes)) return;
          break;
        case 'wait':
          if (await leases.postpone(lease, done.untilMs)) await wake(item, done.untilMs);
          return;
      }
    }
    await wake(item, now());
  }

  async function message(lease: Lease, id: string): Promise<Step> {
    const stored = await withChoices(id);
    if (stored === null) return { kind: 'rest', checks: [], writes: [] };
    const step = await show(lease, stored);
    if (step.kind !== 'rest') return step;
    return { ...step, writes: [...step.writes, ...reminderWrites(stored.value)] };
  }

  /** Puts the next reminder where the policy has it, so that no one has to look for it meanwhile. */
  function reminderWrites(escalation: Escalation): readonly Write[] {
    if (escalation.state !== 'open') return [];
    const atMs = remindAt(escalation);
    const item = scheduleItem('reminder', escalation.id);
    if (atMs === null) return [['ZREM', keys.schedule, item]];
    return atMs > now() ? [['ZADD', keys.schedule, 'XX', atMs, item]] : [];
  }

  async function show(lease: Lease, stored: StoredEscalation): Promise<Step> {
    const { id } = stored.value;
    if (shown === undefined) return { kind: 'rest', checks: [], writes: [] };
    if (stored.value.thread === undefined && isObsolete(stored.value))
      return shown.reply.rest(stored, null);
    const placed = await threads.join(id);
    if (placed === null) return { kind: 'rest', checks: [], writes: [] };
    return shown.reply.step(lease, placed);
  }

  /** The escalation with its choices, which are worked out when it is first looked at. */
  async function withChoices(id: string): Promise<StoredEscalation | null> {
    const stored = await ledger.escalation(id);
    if (stored === null || stored.value.choices !== null || stored.value.state !== 'open') {
      return stored;
    }
    const { choices, note } = await suggestions(stored.value);
    return threads.changeEscalation(id, (current) => ({
      ...current,
      choices,
      detail: [current.detail, note].filter(Boolean).join('\n'),
    }));
  }

  /** A fault in what is only a help must not keep the question itself from people. */
  async function suggestions(escalation: Escalation): Promise<Suggestions> {
    const { id, labels } = escalation;
    try {
      return await suggest(labels, escalation);
    } catch (error) {
      log.error({ escalation: id, err: error }, 'no change could be suggested');
      return { choices: handOver, note: `Jidoka could not suggest a change: ${messageOf(error)}.` };
    }
  }

  async function catchUp(): Promise<void> {
    const nowMs = clock.now();
    const pipeline = ledger.redis.pipeline();
    for (const id of await ledger.redis.zrange(keys.openEscalations, '0', '-1')) {
      pipeline.zadd(keys.schedule, 'NX', nowMs, scheduleItem('message', id));
    }
    await pipeline.exec();
  }

  return { look, bringUpToDate, catchUp };
}
