import type { Received } from '../alertmanager/received.js';
import type { ActivePlaybooks, EngineContext } from '../engine/context/context.js';
import { createEngine } from '../engine/engine.js';
import { closeStaleOf } from '../engine/episode/stale.js';
import { explainAlerts } from '../engine/explain/explain.js';
import type { Question } from '../engine/explain/question.js';
import { answerEscalation } from '../engine/people/answer.js';
import type { AnswerResult } from '../engine/people/answer-result.js';
import { anybodyDecides } from '../escalation/person.js';
import type { Effect } from '../integrations/contract/simulation.js';
import { fleetSize } from '../integrations/fleet.js';
import { type SimulatedWorld, simulateAll } from '../integrations/simulate.js';
import type { AuditRecord } from '../ledger/audit.js';
import { createMemoryLedger } from '../ledger/memory/memory-ledger.js';
import { createSortedSet } from '../ledger/memory/sorted-set.js';
import { readScheduleItem, type ScheduleItem } from '../ledger/schedule-item.js';
import { createLogger } from '../lib/logger.js';
import { createMetrics } from '../lib/metrics.js';
import { type Message, showMessage } from './messages.js';
import { createParking } from './parking.js';

/** What is simulated: playbooks and targets, from a certain time on. */
export interface SimulationOptions extends Pick<SimulatedWorld, 'given' | 'integrations'> {
  readonly active: ActivePlaybooks;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  /** How many targets of each kind there are. */
  readonly fleet: number;
  /** When it starts, in milliseconds since the Unix epoch. */
  readonly startMs: number;
  /** Called for each audit record as it is committed. */
  readonly onRecord?: (record: AuditRecord) => void;
  /**
   * Called for each message to people, with its choices. Left out, no choices are worked out, which saves
   * much of the time.
   */
  readonly onMessage?: (message: Message) => void;
  /** Called for each change that a target took. */
  readonly onEffect?: (effect: Effect) => void;
}

/**
 * The engine on a virtual clock: the same intake, decisions, runs, guards and transactions as in
 * production, on a ledger in memory and simulated targets. It needs no Redis, no Docker and no network,
 * and the same input always gives the same result.
 */
export type Simulation = ReturnType<typeof createSimulation>;

/** How often stale alerts are closed. */
const upkeepEveryMs = 60_000;
const trimEveryMs = 3_600_000;
/** How soon an item that a look left as it was is looked at again, as by the sweep. */
const againMs = 2_000;
/** The most looks at one moment; more would never end. */
const maxLooks = 1_000_000;

export function createSimulation(options: SimulationOptions) {
  const { active, workerAsg, fleet, startMs, given, integrations } = options;
  const { onRecord = ignore, onMessage, onEffect = ignore } = options;
  let nowMs = startMs;
  const clock = { now: () => nowMs };
  const ledger = createMemoryLedger({ clock, onRecord: recorded });
  const hosts = () => active.policy.http.hosts;
  const world = { given, integrations, workerAsg, hosts, clock, onEffect };
  const { actions, counts, sizeOf } = simulateAll(world);
  const counted = (kind: string) => (Object.hasOwn(counts, kind) ? fleet : null);
  /** Items that are due now; the schedule holds those that are due later. */
  const ready = new Set<ScheduleItem>();
  /** Open episodes, by when at the earliest they are stale. */
  const silent = createSortedSet();
  /** What happens outside of the engine, the earliest first. */
  const planned: { readonly atMs: number; readonly happen: () => Promise<unknown> }[] = [];
  let upkeepAtMs = startMs + upkeepEveryMs;
  let trimAtMs = startMs + trimEveryMs;

  function recorded(record: AuditRecord): void {
    const { subject, id, event, atMs } = record;
    if (subject === 'episode') {
      const identity = id.slice(0, id.lastIndexOf('-'));
      if (event === 'opened' || event === 'reopened') {
        silent.set(identity, atMs + active.policy.alertmanager.staleAfterMs);
      }
      if (event === 'resolved' || event === 'closed') silent.remove(identity);
    }
    onRecord(record);
  }

  async function wake(item: ScheduleItem, atMs: number): Promise<void> {
    if (atMs <= nowMs) ready.add(item);
  }

  const context: EngineContext = {
    ledger,
    actions,
    active: () => active,
    workerAsg,
    fleetSize: (kind) => fleetSize(counts, kind, counted),
    wake,
    decisionConcurrency: 1,
    clock,
    metrics: createMetrics(),
    log: createLogger('silent'),
  };
  const engine = createEngine(context);
  const parking = createParking(context);

  /** Takes in a notification when it was received, after everything that is due before. */
  async function take(received: Received): Promise<void> {
    if (received.receivedAtMs > nowMs) await advanceTo(received.receivedAtMs);
    await engine.take(received);
    await settle();
  }

  /** Lets time pass until `untilMs`, and does in order what is due. A time in the past changes nothing. */
  async function advanceTo(untilMs: number): Promise<void> {
    await settle();
    let seen:
      | { readonly item: ScheduleItem; readonly atMs: number; readonly nowMs: number }
      | undefined;
    for (;;) {
      await parking.release();
      const [next] = await ledger.due(untilMs, 1);
      const nextAtMs = next?.atMs ?? Number.POSITIVE_INFINITY;
      const [event] = planned;
      if (event !== undefined && event.atMs <= untilMs && event.atMs < nextAtMs) {
        planned.shift();
        nowMs = Math.max(nowMs, event.atMs);
        await event.happen();
        await settle();
        continue;
      }
      if (upkeepAtMs <= Math.min(nextAtMs, untilMs)) {
        nowMs = Math.max(nowMs, upkeepAtMs);
        await upkeep();
        continue;
      }
      if (next === undefined) break;
      nowMs = Math.max(nowMs, next.atMs);
      if (seen?.item === next.item && seen.atMs === next.atMs && seen.nowMs === nowMs) {
        await postpone(next.item);
      } else {
        seen = { ...next, nowMs };
        await look(next.item);
        await settle();
      }
    }
    nowMs = Math.max(nowMs, untilMs);
  }

  /** Plans what happens outside of the engine: an alert, a click. The engine does first what is due by then. */
  function plan(atMs: number, happen: () => Promise<unknown>): void {
    const index = planned.findIndex((other) => other.atMs > atMs);
    planned.splice(index < 0 ? planned.length : index, 0, { atMs, happen });
  }

  /** Looks at every item that is due now, and at those that become due meanwhile. */
  async function settle(): Promise<void> {
    let looks = 0;
    for (const item of ready) {
      looks += 1;
      if (looks > maxLooks) throw new Error(`the simulation does not end: ${item} is due again`);
      ready.delete(item);
      await look(item);
    }
  }

  async function look(item: ScheduleItem): Promise<void> {
    if (await parking.park(item)) return;
    const { kind, id } = readScheduleItem(item);
    return kind === 'message' ? showMessage(context, id, onMessage) : engine.look(item);
  }

  async function postpone(item: ScheduleItem): Promise<void> {
    const { schedule } = ledger.keys;
    await ledger.commit({ checks: [], writes: [['ZADD', schedule, nowMs + againMs, item]], nowMs });
  }

  async function upkeep(): Promise<void> {
    upkeepAtMs += upkeepEveryMs;
    await closeStale();
    if (trimAtMs <= nowMs) {
      trimAtMs += trimEveryMs;
      await ledger.trim(nowMs);
    }
    await settle();
  }

  /** Closes stale episodes. The engine looks at all that are open, every minute; this looks at those in question. */
  async function closeStale(): Promise<void> {
    const { sendResolved, staleAfterMs } = active.policy.alertmanager;
    for (let next = silent.first(); next !== undefined; next = silent.first()) {
      if (next.score > nowMs) return;
      silent.remove(next.member);
      const [stored] = await ledger.episodes([next.member]);
      if (!sendResolved || stored?.value.state !== 'open') continue;
      if ((await closeStaleOf(context, [next.member])) === 0) {
        silent.set(next.member, stored.value.lastSeenAtMs + staleAfterMs);
      }
    }
  }

  /** Answers an escalation with one of its choices, as a click does. */
  async function answer(id: string, choiceId: string, by: string): Promise<AnswerResult> {
    const policy = () => active.policy;
    const result = await answerEscalation(
      { ledger, clock, wake, policy, mayDecide: anybodyDecides },
      { id, choiceId, person: { via: 'api', name: by } },
    );
    await settle();
    return result;
  }

  /** Explains alerts as if they came now. Changes nothing. */
  const explain = (question: Question) => explainAlerts(context, question);

  return { take, plan, advanceTo, answer, explain, sizeOf, clock, ledger };
}

function ignore(): void {}
