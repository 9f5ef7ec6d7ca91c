import { type Call, commandNotification } from '../../alertmanager/command.js';
import type { Received } from '../../alertmanager/received.js';
import { retentionMs } from '../../ledger/codec.js';
import type { Ledger } from '../../ledger/ledger.js';
import { executed } from '../../ledger/pipeline.js';
import type { Clock } from '../../lib/clock.js';
import { type CommandState, stateOfCommand, waitForState } from './command-state.js';

/** How far a call has come. */
export interface CallState extends CommandState {
  /** What it asks for, as its caller named it. */
  readonly name: string;
}

interface CommandParts {
  /** @throws when Redis does not take it. */
  readonly enqueue: (received: Received) => Promise<void>;
  readonly ledger: Ledger;
  readonly clock: Clock;
}

/** Takes calls in, and says what became of them. */
export type Commands = ReturnType<typeof createCommands>;

export function createCommands({ enqueue, ledger, clock }: CommandParts) {
  const { redis, keys } = ledger;

  /**
   * Puts a call durably into the queue; its number tells it from all others.
   *
   * @throws when Redis does not take it; then it is not done.
   */
  async function issue(asked: Omit<Call, 'receivedAtMs'>): Promise<number> {
    const receivedAtMs = clock.now();
    const number = await redis.incr(keys.commandNumber);
    const key = keys.command(number);
    await executed(redis.multi().hset(key, 'name', asked.name).pexpire(key, retentionMs));
    const notification = commandNotification({ ...asked, receivedAtMs });
    await enqueue({ source: asked.source, receivedAtMs, notification, commandNumber: number });
    return number;
  }

  /** @returns `null` for a number that was never given, or so long ago that nothing is known of it. */
  async function stateOf(number: number): Promise<CallState | null> {
    const [name, episodeId] = await redis.hmget(keys.command(number), 'name', 'episode');
    if (name == null) return null;
    const episode = episodeId == null ? null : await ledger.episodeById(episodeId);
    return { name, ...(await stateOfCommand(ledger, episode)) };
  }

  /** Waits until a call is done or cannot be, for at most `waitMs`; gives back how far it is then. */
  function settled(number: number, waitMs: number): Promise<CallState | null> {
    const isMoving = (state: CallState | null) =>
      state?.state === 'queued' || state?.state === 'working';
    return waitForState(
      () => stateOf(number),
      (state) => !isMoving(state),
      waitMs,
    );
  }

  return { issue, stateOf, settled };
}
