import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, commandNotification } from '../alertmanager/command.js';
import type { Received } from '../alertmanager/received.js';
import type { Change } from '../integrations/contract/change.js';
import { describeSizes, isResize } from '../integrations/contract/operation.js';
import { describeChange } from '../integrations/operations.js';
import { retentionMs } from '../ledger/codec.js';
import type { Disposition } from '../ledger/episode.js';
import type { Ledger } from '../ledger/ledger.js';
import { executed } from '../ledger/pipeline.js';
import { type Reason, reasons } from '../ledger/reason.js';
import type { Run } from '../ledger/run.js';
import type { Clock } from '../lib/clock.js';

/** How far a command has come, and what a person reads of it. */
export interface CommandState {
  /** What it asks for, as its caller named it. */
  readonly name: string;
  readonly state: 'queued' | 'held' | 'working' | 'applied' | 'done' | 'failed';
  readonly detail: string;
  /** It failed only because the target stands at its bound, or beyond it, already. */
  readonly atBound?: true;
}

interface CommandParts {
  /** @throws when Redis does not take it. */
  readonly enqueue: (received: Received) => Promise<void>;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

const lookEveryMs = 150;

/** Takes commands in, and says what became of them. */
export type Commands = ReturnType<typeof createCommands>;

export function createCommands({ enqueue, ledger, clock }: CommandParts) {
  const { redis, keys } = ledger;

  /**
   * Puts a command durably into the queue; its number tells it from all others.
   *
   * @throws when Redis does not take it; then it is not done.
   */
  async function issue(asked: Omit<Command, 'receivedAtMs'>): Promise<number> {
    const receivedAtMs = clock.now();
    const number = await redis.incr(keys.commandNumber);
    const key = keys.command(number);
    await executed(redis.multi().hset(key, 'name', asked.name).pexpire(key, retentionMs));
    const notification = commandNotification({ ...asked, receivedAtMs });
    await enqueue({ source: asked.source, receivedAtMs, notification, commandNumber: number });
    return number;
  }

  /** @returns `null` for a number that was never given, or so long ago that nothing is known of it. */
  async function stateOf(number: number): Promise<CommandState | null> {
    const [name, episodeId] = await redis.hmget(keys.command(number), 'name', 'episode');
    if (name == null) return null;
    const episode = episodeId == null ? null : await ledger.episodeById(episodeId);
    const disposition = episode?.verdicts.find(({ fate }) => fate !== 'shadow');
    if (disposition === undefined) {
      return { name, state: 'queued', detail: 'accepted, and not processed yet' };
    }
    const run = disposition.runId === undefined ? null : await ledger.run(disposition.runId);
    return { name, ...(run === null ? stateOfDisposition(disposition) : stateOfRun(run.value)) };
  }

  /** Waits until a command is done or cannot be, for at most `waitMs`; gives back how far it is then. */
  async function settled(number: number, waitMs: number): Promise<CommandState | null> {
    const untilMs = performance.now() + waitMs;
    for (;;) {
      const state = await stateOf(number);
      const isMoving = state?.state === 'queued' || state?.state === 'working';
      if (!isMoving || performance.now() + lookEveryMs > untilMs) return state;
      await sleep(lookEveryMs);
    }
  }

  return { issue, stateOf, settled };
}

function stateOfDisposition({ fate, reason, detail }: Disposition): Omit<CommandState, 'name'> {
  if (fate === 'ignored') return { state: 'done', detail };
  if (fate === 'held') return { state: 'held', detail };
  return { state: 'failed', detail: `${because(reason, detail)}; Jidoka escalated it` };
}

function because(reason: Reason, detail: string): string {
  return [reasons[reason], detail].filter((text) => text !== '').join(': ');
}

/** `Scaling web from 2 to 3 replicas`, `Asked to restart web`. */
function inWords(change: Change): string {
  const { op, target } = change;
  if (isResize(op)) return `Scaling ${target.name} ${describeSizes(op)}`;
  return `Asked to ${describeChange(change)}`;
}

function stateOfRun(run: Run): Omit<CommandState, 'name'> {
  const { state, outcome, waiting, attempts } = run;
  const change = attempts.at(-1)?.change;
  const changed = change && inWords(change);
  if (state === 'ended' && outcome !== null) {
    const why = because(outcome.reason, outcome.detail);
    if (outcome.kind !== 'done') {
      const detail = `${why}; Jidoka escalated it`;
      const atBound = outcome.reason === 'at_bound';
      return { state: 'failed', detail, ...(atBound ? { atBound } : {}) };
    }
    return { state: 'done', detail: changed ?? why };
  }
  if (waiting !== null) return { state: 'held', detail: waiting.detail };
  if (state === 'awaiting_approval') return { state: 'held', detail: 'it waits for approval' };
  if (state === 'converging' || state === 'continuing' || state === 'settling') {
    return { state: 'applied', detail: changed ?? '' };
  }
  return { state: 'working', detail: changed ?? 'in progress' };
}
