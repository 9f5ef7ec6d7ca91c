import { createRegistry } from '../action/registry.js';
import { type AnswerResult, answerEscalation } from '../escalation/answer.js';
import { anybodyDecides } from '../escalation/person.js';
import type { AuditRecord } from '../ledger/audit.js';
import { createMemoryLedger } from '../ledger/memory/memory-ledger.js';
import { createSortedSet } from '../ledger/memory/sorted-set.js';
import { createLogger } from '../logger.js';
import { createMetrics } from '../metrics.js';
import { createEngine } from './engine.js';
import type { ActivePlaybooks, EngineParts } from './parts.js';
import type { Received } from './received.js';
import { createRehearsedGroups } from './rehearse/groups.js';
import { createRehearsedHttp } from './rehearse/http.js';
import { type Message, showMessage } from './rehearse/messages.js';
import { createRehearsedNodes } from './rehearse/nodes.js';
import { createParking } from './rehearse/parking.js';
import { createRehearsedSwarm } from './rehearse/swarm.js';
import type { Effect, World } from './rehearse/world.js';
import { closeStaleOf } from './stale.js';

interface RehearsalOptions {
  readonly active: ActivePlaybooks;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  /** The targets, and how they answer. */
  readonly world: World;
  /** When it begins, in milliseconds since the Unix epoch. */
  readonly startMs: number;
  /** Called for each audit record as it is committed. */
  readonly onRecord?: (record: AuditRecord) => void;
  /**
   * Called for each message that people would get, with the choices that it offers. Left out, none are
   * worked out, which saves a good part of the time.
   */
  readonly onMessage?: (message: Message) => void;
  /** Called for each change that a target took. */
  readonly onEffect?: (effect: Effect) => void;
}

/**
 * The engine on a virtual clock: the same intake, decisions, runs, guards and transactions as in
 * production, on a ledger in memory and a world that is told how to answer. It needs no Redis, no
 * Docker and no network, and the same input always gives the same story.
 */
export type Rehearsal = ReturnType<typeof createRehearsal>;

/** What happens once in a while in production happens this often: silent alerts are given up. */
const upkeepEveryMs = 60_000;
const trimEveryMs = 3_600_000;
/** How soon something that was looked at in vain is looked at again, as by the sweep. */
const againMs = 2_000;
/** The most looks at one moment; whatever needs more would never come to rest. */
const mostLooks = 1_000_000;

export function createRehearsal(options: RehearsalOptions) {
  const { active, workerAsg, world, startMs } = options;
  const { onRecord = ignore, onMessage, onEffect = ignore } = options;
  let nowMs = startMs;
  const clock = { now: () => nowMs };
  const ledger = createMemoryLedger({ clock, onRecord: recorded });
  const services = createRehearsedSwarm({ world, clock, onEffect });
  const groups = createRehearsedGroups({ world, clock, onEffect });
  const { instances } = groups;
  const nodes = createRehearsedNodes({ world, instances, clock, onEffect });
  const { hosts } = active.policy.http;
  const http = createRehearsedHttp({ world, hosts, clock, onEffect });
  const actions = createRegistry({
    swarm: services.swarm,
    nodes: nodes.client,
    autoScaling: groups.autoScaling,
    ec2: nodes.ec2,
    http,
    workerAsg,
  });
  /** What is to be looked at now; what is due later is found on the agenda. */
  const ready = new Set<string>();
  /** Open episodes, by when at the earliest they have been silent for too long. */
  const silent = createSortedSet();
  /** What is to happen outside of the engine, the soonest first. */
  const happenings: { readonly atMs: number; readonly happen: () => Promise<void> }[] = [];
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

  async function wake(item: string, atMs: number): Promise<void> {
    if (atMs <= nowMs) ready.add(item);
  }

  const parts: EngineParts = {
    ledger,
    actions,
    active: () => active,
    workerAsg,
    fleetSize: world.fleetSize,
    wake,
    decisionsAtOnce: 1,
    clock,
    metrics: createMetrics(),
    log: createLogger('silent'),
  };
  const engine = createEngine(parts);
  const parking = createParking(parts);

  /** Takes a notification in at the time when it was received, after everything that falls due before. */
  async function take(received: Received): Promise<void> {
    if (received.receivedAtMs > nowMs) await advanceTo(received.receivedAtMs);
    await engine.take(received);
    await settle();
  }

  /** Lets time pass until `untilMs`, and does in order whatever falls due. The past changes nothing. */
  async function advanceTo(untilMs: number): Promise<void> {
    await settle();
    let seen: { readonly item: string; readonly atMs: number; readonly nowMs: number } | undefined;
    for (;;) {
      await parking.release();
      const [next] = await ledger.due(untilMs, 1);
      const nextAtMs = next?.atMs ?? Number.POSITIVE_INFINITY;
      const [happening] = happenings;
      if (happening !== undefined && happening.atMs <= untilMs && happening.atMs < nextAtMs) {
        happenings.shift();
        nowMs = Math.max(nowMs, happening.atMs);
        await happening.happen();
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

  /** Has something happen outside of the engine: an alert, a click. It comes after what the engine owes by then. */
  function plan(atMs: number, happen: () => Promise<void>): void {
    const index = happenings.findIndex((other) => other.atMs > atMs);
    happenings.splice(index < 0 ? happenings.length : index, 0, { atMs, happen });
  }

  /** Looks at everything that is to be looked at now, and at what follows from it. */
  async function settle(): Promise<void> {
    for (let looks = 0; ready.size > 0; looks += 1) {
      const [item] = ready as Iterable<string>;
      if (item === undefined) return;
      if (looks === mostLooks) throw new Error(`the rehearsal does not come to rest: ${item}`);
      ready.delete(item);
      await look(item);
    }
  }

  async function look(item: string): Promise<void> {
    if (await parking.park(item)) return;
    if (!item.startsWith('message:')) return engine.look(item);
    return showMessage(parts, item.slice('message:'.length), onMessage);
  }

  async function postpone(item: string): Promise<void> {
    const { agenda } = ledger.keys;
    await ledger.commit({ checks: [], writes: [['ZADD', agenda, nowMs + againMs, item]], nowMs });
  }

  async function upkeep(): Promise<void> {
    upkeepAtMs += upkeepEveryMs;
    await giveUpSilent();
    if (trimAtMs <= nowMs) {
      trimAtMs += trimEveryMs;
      await ledger.trim(nowMs);
    }
    await settle();
  }

  /** What the engine does every minute with all open episodes is done here with those that it may concern. */
  async function giveUpSilent(): Promise<void> {
    const { sendResolved, staleAfterMs } = active.policy.alertmanager;
    for (let next = silent.first(); next !== undefined; next = silent.first()) {
      if (next.score > nowMs) return;
      silent.remove(next.member);
      const [stored] = await ledger.episodes([next.member]);
      if (!sendResolved || stored?.value.state !== 'open') continue;
      if ((await closeStaleOf(parts, [next.member])) === 0) {
        silent.set(next.member, stored.value.lastSeenAtMs + staleAfterMs);
      }
    }
  }

  /** A person's click on a choice of an escalation. */
  async function answer(id: string, choiceId: string, by: string): Promise<AnswerResult> {
    const policy = () => active.policy;
    const result = await answerEscalation(
      { ledger, clock, wake, policy, mayDecide: anybodyDecides },
      { id, choiceId, person: { via: 'api', name: by } },
    );
    await settle();
    return result;
  }

  return { take, plan, advanceTo, answer, clock, ledger, services, groups };
}

function ignore(): void {}
