import { setImmediate as turn } from 'node:timers/promises';
import type { ActivePlaybooks } from '../engine/context/context.js';
import { readHistoryLine } from '../engine/reports/history-line.js';
import { InputError } from '../lib/errors.js';
import { createBacktest } from '../simulation/backtest/backtest.js';
import { createComparison } from '../simulation/backtest/compare.js';
import type { Counts } from '../simulation/backtest/tally.js';

/** What is tried, and on what. */
export interface TrialParts {
  /** The history, some lines at a time, oldest first. */
  readonly lines: AsyncIterable<readonly string[]>;
  /** The playbooks without the draft and with it. */
  readonly before: ActivePlaybooks;
  readonly after: ActivePlaybooks;
  /** The name of the draft. */
  readonly name: string;
  /** The size that targets are taken to have at first. */
  readonly size: number;
  readonly workerAsg: string;
  readonly sinceMs: number;
  /** How many deliveries of alerts are looked at; what comes after them is left out. */
  readonly maxDeliveries: number;
}

/** What a draft would have done with the recorded history. */
export interface Trial {
  /** When what was looked at begins and ends; `null`: nothing was recorded. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly deliveries: number;
  /** There was more than was looked at. */
  readonly cut: boolean;
  /** How many alerts the draft would have taken. */
  readonly alerts: number;
  readonly asked: number;
  readonly changes: number;
  /** By what its runs were held back. */
  readonly held: Counts;
  /** What had become of those alerts without it. */
  readonly instead: Counts;
}

/** How many deliveries are replayed before others have a turn. */
const deliverieConcurrency = 500;

/**
 * Replays the history with the draft and without it, people approving what they are asked. It takes
 * time and memory, and belongs on an event loop of its own.
 *
 * @throws what reading the lines throws. A line that is no notification is left out.
 */
export async function tryDraft(parts: TrialParts): Promise<Trial> {
  const { lines, before, after, name, size, workerAsg, sinceMs, maxDeliveries } = parts;
  const comparison = createComparison();
  const common = {
    workerAsg,
    assumptions: { size, bounds: null, convergeMs: 0 },
    approve: true,
    startMs: sinceMs,
  };
  const without = createBacktest({
    ...common,
    active: before,
    onOutcome: (outcome) => comparison.tell('before', outcome),
  });
  const withIt = createBacktest({
    ...common,
    active: after,
    onOutcome: (outcome) => comparison.tell('after', outcome),
  });
  let deliveries = 0;
  let inARow = 0;
  let fromMs: number | null = null;
  let toMs: number | null = null;
  let cut = false;
  for await (const line of each(lines)) {
    const received = readOr(line);
    if (received === null || received.receivedAtMs < sinceMs) continue;
    if (deliveries >= maxDeliveries) {
      cut = true;
      break;
    }
    const { receivedAtMs, notification } = received;
    fromMs ??= receivedAtMs;
    toMs = Math.max(toMs ?? 0, receivedAtMs);
    await without.take(received);
    await withIt.take(received);
    deliveries += notification.alerts.length;
    inARow += notification.alerts.length;
    if (inARow < deliverieConcurrency) continue;
    inARow = 0;
    await turn();
  }
  await without.end();
  const tally = (await withIt.end()).playbooks.find((one) => one.name === name);
  const instead: Record<string, number> = {};
  for (const { before: was, after: is, alerts } of comparison.result().differences) {
    if (is.includes(`${name}: `)) instead[was] = (instead[was] ?? 0) + alerts;
  }
  const { alerts = 0, asked = 0, changes = 0, held = {} } = tally ?? {};
  return { fromMs, toMs, deliveries, cut, alerts, asked, changes, held, instead };
}

async function* each(lines: AsyncIterable<readonly string[]>): AsyncGenerator<string> {
  for await (const some of lines) yield* some;
}

function readOr(line: string) {
  try {
    return readHistoryLine(line, 0);
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
