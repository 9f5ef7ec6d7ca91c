import type { Labels } from '../alert/alert.js';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import type { StoredEscalation } from '../ledger/reads.js';
import type { Thread } from '../ledger/thread.js';
import type { Write } from '../ledger/transaction.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { handOver } from './choices.js';
import { type Claim, createClaims, itemOf, threadItemOf } from './claim.js';
import { createDelivery } from './delivery.js';
import { createPace } from './pace.js';
import { isPast } from './past.js';
import type { Slack } from './slack.js';
import type { Suggestions } from './suggest.js';
import { createThreadReply, type Step } from './thread-reply.js';
import { createThreadRoot } from './thread-root.js';
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
  readonly clock: Clock;
  readonly wake: (item: string, atMs: number) => Promise<void>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Keeps what people see of escalations in step with the ledger. */
export interface Messenger {
  /**
   * Looks at an item of the agenda: works out the choices of an escalation and brings its message in
   * Slack (`message:…`), or that of its thread (`thread:…`), to what the ledger says now. It may be
   * called at any time, by any worker; where nothing is due it does nothing, and what could not be
   * sent stays on the agenda.
   *
   * @throws what Redis throws; the item is due again when the lease of this try has passed.
   */
  look(item: string): Promise<void>;
  /** Looks at the message of an escalation and at that of its thread. */
  bringUpToDate(escalationId: string): Promise<void>;
  /** Has every open escalation looked at, so that one from before Slack was set up is posted too. */
  catchUp(): Promise<void>;
}

/** The most rounds in one go, so that what never rests cannot keep a worker to itself. */
const mostRounds = 6;

export function createMessenger(options: MessengerOptions): Messenger {
  const { ledger, slack, suggest, remindAt, clock, wake, log, defaultChannel, consoleUrl } =
    options;
  const { keys } = ledger;
  const now = () => clock.now();
  const claims = createClaims(options);
  const threads = createThreads(options);
  const shown = slack === undefined ? undefined : createShown(slack);

  function createShown(client: Slack) {
    const pace = createPace(options);
    const delivery = createDelivery({ ...options, slack: client, claims, pace });
    const placeOf = ({ channel, meantFor }: Pick<Thread, 'channel' | 'meantFor'>) =>
      (meantFor === null ? channel : undefined) ?? defaultChannel ?? '';
    return {
      reply: createThreadReply({ ledger, threads, delivery, placeOf, consoleUrl, now }),
      root: createThreadRoot({ ...options, slack: client, threads, delivery, placeOf, now }),
    };
  }

  async function look(item: string): Promise<void> {
    const id = item.slice(item.indexOf(':') + 1);
    if (item.startsWith('thread:')) return lookAtThread(id);
    return bringUpToDate(id);
  }

  async function bringUpToDate(id: string): Promise<void> {
    await lookAtMessage(id);
    const thread = (await ledger.escalation(id))?.value.thread;
    if (thread === undefined) return;
    await lookAtThread(thread);
    await lookAtMessage(id);
  }

  async function lookAtMessage(id: string): Promise<void> {
    await rounds(itemOf(id), keys.escalation(id), (claim) => message(claim, id));
  }

  async function lookAtThread(id: string): Promise<void> {
    await rounds(threadItemOf(id), keys.thread(id), async (claim) => {
      return shown?.root.step(claim, id) ?? { kind: 'rest', checks: [], writes: [] };
    });
  }

  /** Works on an item until it is up to date, has to wait, or is somebody else's. */
  async function rounds(
    item: string,
    record: string,
    step: (claim: Claim) => Promise<Step>,
  ): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      const claim = await claims.take(item, record);
      if (claim === null) return;
      const done = await step(claim);
      switch (done.kind) {
        case 'again':
          await claims.postpone(claim, now());
          break;
        case 'rest':
          if (await claims.settle(claim, done.checks, done.writes)) return;
          break;
        case 'wait':
          if (await claims.postpone(claim, done.untilMs)) await wake(item, done.untilMs);
          return;
      }
    }
    await wake(item, now());
  }

  async function message(claim: Claim, id: string): Promise<Step> {
    const stored = await withChoices(id);
    if (stored === null) return { kind: 'rest', checks: [], writes: [] };
    const step = await show(claim, stored);
    if (step.kind !== 'rest') return step;
    return { ...step, writes: [...step.writes, ...reminderWrites(stored.value)] };
  }

  /** Puts the next reminder where the policy has it, so that nobody has to look for it meanwhile. */
  function reminderWrites(escalation: Escalation): readonly Write[] {
    if (escalation.state !== 'open') return [];
    const atMs = remindAt(escalation);
    const item = `reminder:${escalation.id}`;
    if (atMs === null) return [['ZREM', keys.agenda, item]];
    return atMs > now() ? [['ZADD', keys.agenda, 'XX', atMs, item]] : [];
  }

  async function show(claim: Claim, stored: StoredEscalation): Promise<Step> {
    const { id } = stored.value;
    if (shown === undefined) return { kind: 'rest', checks: [], writes: [] };
    if (stored.value.thread === undefined && isPast(stored.value))
      return shown.reply.rest(stored, null);
    const placed = await threads.join(id);
    if (placed === null) return { kind: 'rest', checks: [], writes: [] };
    return shown.reply.step(claim, placed);
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
      log.error({ escalation: id, err: error }, 'nothing could be suggested');
      return { choices: handOver, note: `No change could be suggested: ${messageOf(error)}.` };
    }
  }

  async function catchUp(): Promise<void> {
    const nowMs = clock.now();
    const pipeline = ledger.redis.pipeline();
    for (const id of await ledger.redis.zrange(keys.openEscalations, '0', '-1')) {
      pipeline.zadd(keys.agenda, 'NX', nowMs, itemOf(id));
    }
    await pipeline.exec();
  }

  return { look, bringUpToDate, catchUp };
}
