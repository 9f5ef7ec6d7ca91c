import { setImmediate as turn } from 'node:timers/promises';
import type { Received } from '../../alertmanager/received.js';
import type { ActivePlaybooks } from '../../engine/context/context.js';
import type { Assumptions } from '../../integrations/contract/simulation.js';
import { type Backtest, createBacktest } from '../../simulation/backtest/backtest.js';
import { type Comparison, createComparison } from '../../simulation/backtest/compare.js';
import type { Tally } from '../../simulation/backtest/tally.js';
import type { Progress } from './progress.js';

interface ReplayOptions {
  readonly notifications: AsyncIterable<Received>;
  readonly playbooks: ActivePlaybooks;
  /** Another set to compare it with; `undefined`: there is none. */
  readonly against: ActivePlaybooks | undefined;
  readonly workerAsg: string;
  readonly assumptions: Assumptions;
  readonly approve: boolean;
  readonly onProgress: (progress: Omit<Progress, 'part'>) => void;
  /** Ends the replay before its time. */
  readonly signal: AbortSignal;
}

/** What was replayed, and what came of it. */
export interface Replayed {
  readonly notifications: number;
  /** Alerts in all notifications: each delivery counts. */
  readonly deliveries: number;
  /** When the first and the last notification were received; `null`: there was none. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly interrupted: boolean;
  readonly tally: Tally;
  /** The other set's, and what differs from it. */
  readonly other?: { readonly tally: Tally; readonly comparison: Comparison };
}

/** How many alerts are replayed before others (a key, the progress) have a turn. */
const alertBatchSize = 500;

/** Replays notifications with one set of playbooks, or with two side by side. */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { signal, onProgress } = options;
  const comparison = createComparison();
  let sets: readonly Backtest[] = [];
  let notifications = 0;
  let deliveries = 0;
  let fromMs: number | null = null;
  let toMs: number | null = null;
  let inARow = 0;
  for await (const received of options.notifications) {
    if (fromMs === null) sets = start(received.receivedAtMs);
    fromMs ??= received.receivedAtMs;
    toMs = Math.max(toMs ?? 0, received.receivedAtMs);
    for (const set of sets) await set.take(received);
    notifications += 1;
    const count = received.notification.alerts.length;
    deliveries += count;
    inARow += count;
    if (inARow < alertBatchSize) continue;
    inARow = 0;
    onProgress({ alerts: deliveries, atMs: toMs });
    await turn();
    if (signal.aborted) break;
  }
  if (sets.length === 0) sets = start(0);
  const tallies: Tally[] = [];
  for (const set of sets) tallies.push(await set.end());
  const [tally, other] = tallies as [Tally, Tally?];
  return {
    notifications,
    deliveries,
    fromMs,
    toMs,
    interrupted: signal.aborted,
    tally,
    ...(other && { other: { tally: other, comparison: comparison.result() } }),
  };

  function start(startMs: number): readonly Backtest[] {
    const { playbooks, against, workerAsg, assumptions, approve } = options;
    const common = { workerAsg, assumptions, approve, startMs };
    if (against === undefined) return [createBacktest({ ...common, active: playbooks })];
    return [
      createBacktest({
        ...common,
        active: playbooks,
        onOutcome: (outcome) => comparison.tell('before', outcome),
      }),
      createBacktest({
        ...common,
        active: against,
        onOutcome: (outcome) => comparison.tell('after', outcome),
      }),
    ];
  }
}
