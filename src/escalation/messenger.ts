import { createHash } from 'node:crypto';
import type { Labels } from '../alert/alert.js';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import type { StoredEscalation } from '../ledger/reads.js';
import type { Check } from '../ledger/transaction.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { type Claim, createClaims, itemOf } from './claim.js';
import { createDelivery } from './delivery.js';
import { isPast } from './past.js';
import type { Slack } from './slack.js';
import { renderMessage } from './slack-message.js';
import { handOver, type Suggestions } from './suggest.js';
import { noteUndelivered } from './undelivered.js';

export interface MessengerOptions {
  readonly ledger: Ledger;
  /** `undefined`: escalations are read and decided without Slack. */
  readonly slack: Slack | undefined;
  readonly suggest: (labels: Labels) => Promise<Suggestions>;
  /** Where escalations go that name no channel, or one that Slack refuses. */
  readonly defaultChannel: string | undefined;
  readonly clock: Clock;
  readonly wake: (item: string, atMs: number) => Promise<void>;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Keeps what people see of escalations in step with the ledger. */
export interface Messenger {
  /**
   * Works out the choices of an escalation and brings its message in Slack to what the ledger says
   * now. It may be called at any time, by any worker; where nothing is due it does nothing, and
   * what could not be sent stays on the agenda.
   *
   * @throws what Redis throws; the message is due again when the lease of this try has passed.
   */
  bringUpToDate(escalationId: string): Promise<void>;
  /** Has every open escalation looked at, so that one from before Slack was set up is posted too. */
  catchUp(): Promise<void>;
}

/** The most rounds in one go, so that an escalation that never rests cannot keep a worker to itself. */
const mostRounds = 5;
const mostConflicts = 20;

export function createMessenger(options: MessengerOptions): Messenger {
  const { ledger, slack, suggest, clock, wake, log } = options;
  const claims = createClaims(options);
  const delivery = slack === undefined ? undefined : createDelivery({ ...options, slack });

  async function bringUpToDate(id: string): Promise<void> {
    for (let round = 0; round < mostRounds; round += 1) {
      const claim = await claims.take(id);
      if (claim === null || (await work(claim))) return;
    }
  }

  /** `false`: something changed meanwhile, and there is more to do. */
  async function work(claim: Claim): Promise<boolean> {
    const stored = await withChoices(claim.id);
    if (stored === null) return claims.settle(claim, []);
    const { value } = stored;
    if (delivery === undefined || isPast(value)) return claims.settle(claim, stillAsRead(stored));

    const render = await renderer(stored);
    const shown = createHash('sha256')
      .update(JSON.stringify(render(value)))
      .digest('hex');
    const key = ledger.keys.escalation(claim.id);
    if (value.posted !== null && shown === (await ledger.redis.hget(key, 'shown'))) {
      return claims.settle(claim, stillAsRead(stored));
    }
    if (!(await claims.renew(claim))) return true;

    const delivered = await delivery.deliver(value, render);
    switch (delivered.kind) {
      case 'updated':
        return claims.settle(claim, stillAsRead(stored), [['HSET', key, 'shown', shown]]);
      case 'posted': {
        // Slack has no way to post a message only once. A crash before this is stored, or an answer
        // that was lost, posts it again when the lease has passed: rather two messages than none.
        // Their buttons carry the same ids, so that still only one click decides.
        const { posted, detail } = delivered;
        await change(claim.id, (current) => ({ ...current, posted, detail }));
        const checks = stillAsRead({ ...stored, rev: stored.rev + 1 });
        return claims.settle(claim, checks, [
          ['HSET', key, 'shown', shown],
          ['ZREM', ledger.keys.undelivered, claim.id],
        ]);
      }
      case 'gone':
        if (value.state !== 'open') return claims.settle(claim, []);
        await change(claim.id, (current) => ({ ...current, posted: null }));
        await claims.postpone(claim, clock.now());
        return false;
      case 'failed':
        if (value.posted === null && value.state === 'open' && value.kind !== 'lesson') {
          await noteUndelivered(ledger, claim.id, delivered.fault, clock.now());
        }
        if (await claims.postpone(claim, delivered.againAtMs)) {
          await wake(itemOf(claim.id), delivered.againAtMs);
        }
        return true;
    }
  }

  /** That neither the escalation nor the number of its alerts has changed since it was read. */
  function stillAsRead({ rev, value, joined }: StoredEscalation): readonly Check[] {
    const { keys } = ledger;
    const record: Check = { kind: 'rev', key: keys.escalation(value.id), rev };
    if (joined === 0) return [record];
    const key = keys.caseInfo(value.caseId);
    return [record, { kind: 'field', key, field: 'joined', value: String(joined) }];
  }

  async function renderer({ value, joined, openEpisodes }: StoredEscalation) {
    const { runId } = value;
    const run = runId === null ? null : await ledger.run(runId);
    return (escalation: Escalation) =>
      renderMessage({ escalation, joined, openEpisodes, run: run?.value ?? null });
  }

  /** The escalation with its choices, which are worked out when it is first looked at. */
  async function withChoices(id: string): Promise<StoredEscalation | null> {
    const stored = await ledger.escalation(id);
    if (stored === null || stored.value.choices !== null || stored.value.state !== 'open') {
      return stored;
    }
    const { choices, note } = await suggestions(stored.value);
    return change(id, (current) => ({
      ...current,
      choices,
      detail: [current.detail, note].filter(Boolean).join('\n'),
    }));
  }

  /** A fault in what is only a help must not keep the question itself from people. */
  async function suggestions({ id, labels }: Escalation): Promise<Suggestions> {
    try {
      return await suggest(labels);
    } catch (error) {
      log.error({ escalation: id, err: error }, 'nothing could be suggested');
      return { choices: handOver, note: `No change could be suggested: ${messageOf(error)}.` };
    }
  }

  /** Changes an escalation whoever else changes it too; `null`: it is gone. */
  async function change(
    id: string,
    next: (current: Escalation) => Escalation,
  ): Promise<StoredEscalation | null> {
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      const stored = await ledger.escalation(id);
      if (stored === null) return null;
      const value = next(stored.value);
      const { check, writes } = ledger.saveEscalation(stored, value, null);
      const result = await ledger.commit({ checks: [check], writes, nowMs: clock.now() });
      if (result.kind === 'committed') return { ...stored, rev: stored.rev + 1, value };
    }
    throw new Error(`escalation ${id} is changed by others faster than it can be shown`);
  }

  async function catchUp(): Promise<void> {
    const { redis, keys } = ledger;
    const nowMs = clock.now();
    const pipeline = redis.pipeline();
    for (const id of await redis.zrange(keys.openEscalations, '0', '-1')) {
      pipeline.zadd(keys.agenda, 'NX', nowMs, itemOf(id));
    }
    await pipeline.exec();
  }

  return { bringUpToDate, catchUp };
}
