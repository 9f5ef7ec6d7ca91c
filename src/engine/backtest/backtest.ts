import { createResets } from '../../guard/resets.js';
import type { AuditRecord } from '../../ledger/audit.js';
import type { ActivePlaybooks } from '../parts.js';
import type { Received } from '../received.js';
import type { Message } from '../rehearse/messages.js';
import { createRehearsal } from '../rehearse.js';
import { type Assumptions, assumedWorld } from './assumed-world.js';
import type { Outcome } from './outcome.js';
import { createStory } from './story.js';
import { createTally, type Tally } from './tally.js';

/** How long after a blast radius or a breaker has tripped a person is taken to reset it. */
export const resetAfterMs = 3_600_000;
/** How long after a question a person is taken to approve, where one is. */
export const approveAfterMs = 5 * 60_000;

interface BacktestOptions {
  readonly active: ActivePlaybooks;
  readonly workerAsg: string;
  readonly assumptions: Assumptions;
  /** Whether people approve what they are asked; else nobody answers. */
  readonly approve: boolean;
  /** When the record begins. */
  readonly startMs: number;
  readonly onOutcome?: (outcome: Outcome) => void;
}

/** Replays a record through the engine on a virtual clock. */
export type Backtest = ReturnType<typeof createBacktest>;

export function createBacktest(options: BacktestOptions) {
  const { active, workerAsg, assumptions, approve, startMs, onOutcome } = options;
  const tally = createTally({
    playbooks: active.library.playbooks,
    windowMs: active.policy.blastRadius.targets.windowMs,
  });
  const story = createStory({
    onRun: tally.run,
    onOutcome(outcome) {
      tally.outcome(outcome);
      onOutcome?.(outcome);
    },
  });
  const rehearsal = createRehearsal({
    active,
    workerAsg,
    world: assumedWorld(assumptions),
    startMs,
    onRecord,
    onMessage,
    onEffect(effect) {
      story.changed();
      tally.effect(effect);
    },
  });
  const { ledger, clock } = rehearsal;
  // what it wakes is on the agenda too
  const resets = createResets({ ledger, clock, wake: async () => {} });
  /** What people do, in the order of time. */
  const people: { readonly atMs: number; readonly act: () => Promise<unknown> }[] = [];

  function onRecord(record: AuditRecord): void {
    story.record(record);
    const { subject, id, event, atMs } = record;
    if (subject !== 'guard' || (event !== 'tripped' && event !== 'opened')) return;
    tally.trip(id);
    const by = 'backtest';
    later(atMs + resetAfterMs, () =>
      id === 'blast_radius'
        ? resets.resetBlastRadius({ by })
        : resets.resetBreaker(id.slice('breaker:'.length), { by }),
    );
  }

  function onMessage(message: Message): void {
    tally.message(message);
    const { id, kind } = message.escalation;
    if (!approve || kind !== 'approval') return;
    later(message.atMs + approveAfterMs, () => rehearsal.answer(id, 'approve', 'backtest'));
  }

  function later(atMs: number, act: () => Promise<unknown>): void {
    const index = people.findIndex((other) => other.atMs > atMs);
    people.splice(index < 0 ? people.length : index, 0, { atMs, act });
  }

  /** Takes in one notification. What was received before the one before it is taken in late. */
  async function take(received: Received): Promise<void> {
    await advanceTo(received.receivedAtMs);
    await rehearsal.take(received);
    await story.tell(labelsOf);
  }

  async function advanceTo(untilMs: number): Promise<void> {
    for (let next = people[0]; next !== undefined && next.atMs <= untilMs; next = people[0]) {
      people.shift();
      await rehearsal.advanceTo(next.atMs);
      await next.act();
    }
    await rehearsal.advanceTo(untilMs);
  }

  async function labelsOf(ids: readonly string[]) {
    const identities = ids.map((id) => id.slice(0, id.lastIndexOf('-')));
    const stored = await ledger.episodes(identities);
    return stored.map((one) => one?.value.labels ?? {});
  }

  /** Adds up. What goes on when the record ends is counted as it stands then. */
  async function end(): Promise<Tally> {
    await story.tell(labelsOf);
    story.end();
    return tally.result();
  }

  return {
    take,
    end,
    /** What is kept of what goes on: alerts and runs. */
    get size(): number {
      return story.size;
    },
  };
}
