import type { Received } from '../../alertmanager/received.js';
import type { ActivePlaybooks } from '../../engine/context/context.js';
import { createResets } from '../../guard/resets.js';
import type { Assumptions } from '../../integrations/contract/simulation.js';
import type { AuditRecord } from '../../ledger/audit.js';
import type { Message } from '../messages.js';
import { createSimulation } from '../simulation.js';
import type { Outcome } from './outcome.js';
import { createStory } from './story.js';
import { createTally, type Tally } from './tally.js';

/** How long after a blast radius or a breaker has tripped a person is taken to reset it. */
export const resetAfterMs = 3_600_000;
/** How long after a question a person is taken to approve, where one is. */
export const approveAfterMs = 5 * 60_000;
/** How many targets of each kind there are taken to be, where the policy limits a share of them. */
const assumedFleet = 1_000;

interface BacktestOptions {
  readonly active: ActivePlaybooks;
  readonly workerAsg: string;
  readonly assumptions: Assumptions;
  /** Whether people approve what they are asked; else no one answers. */
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
  const simulation = createSimulation({
    active,
    workerAsg,
    fleet: assumedFleet,
    given: (_key, kind) => ({ find: () => kind.assume(assumptions), names: () => [] }),
    startMs,
    onRecord,
    onMessage,
    onEffect(effect) {
      story.changed();
      tally.effect(effect);
    },
  });
  const { ledger, clock } = simulation;
  // what it wakes is on the schedule too
  const resets = createResets({ ledger, clock, wake: async () => {} });

  function onRecord(record: AuditRecord): void {
    story.record(record);
    const { subject, id, event, atMs } = record;
    if (subject !== 'guard' || (event !== 'tripped' && event !== 'opened')) return;
    tally.trip(id);
    const by = 'backtest';
    simulation.plan(atMs + resetAfterMs, () =>
      id === 'blast_radius'
        ? resets.resetBlastRadius({ by })
        : resets.resetBreaker(id.slice('breaker:'.length), { by }),
    );
  }

  function onMessage(message: Message): void {
    tally.message(message);
    const { id, kind } = message.escalation;
    if (!approve || kind !== 'approval') return;
    simulation.plan(message.atMs + approveAfterMs, () =>
      simulation.answer(id, 'approve', 'backtest'),
    );
  }

  /** Takes in one notification. What was received before the one before it is taken in late. */
  async function take(received: Received): Promise<void> {
    await simulation.take(received);
    await story.tell(labelsOf);
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
