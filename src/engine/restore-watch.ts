import { randomUUID } from 'node:crypto';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Witness, Witnessed } from '../local/witness.js';
import type { Logger } from '../logger.js';
import { recordRestored } from './restored.js';

/** How often the time is marked in the ledger. */
export const markEveryMs = 5_000;
/** How far the mark may go back before it counts as a restore: a failover loses less. */
const toleratedMs = 60_000;
/** How long the marks of engines that have ended are kept. */
const keptMs = 7 * 24 * 3_600_000;

/**
 * Notices that the ledger was restored from a backup. The engine marks the time in the ledger every
 * few seconds, and remembers it itself and in a file (its witness): a ledger that has forgotten such a
 * mark was put back to an earlier state.
 */
export function createRestoreWatch({
  ledger,
  clock,
  witness,
  channel,
  wake,
  log,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** `undefined`: there is no place to keep one. */
  readonly witness: Witness | undefined;
  readonly channel: () => string | undefined;
  readonly wake: (item: string, atMs: number) => Promise<void>;
  readonly log: Logger;
}) {
  const { redis, keys } = ledger;
  const me = randomUUID();
  /** When this process last marked. */
  let markedMs: number | null = null;
  let complained = false;

  /**
   * Looks at the marks and sets ours anew. To be called before anything acts, and every `markEveryMs`.
   *
   * @throws what Redis throws.
   */
  async function look(): Promise<void> {
    await redis.set(keys.ledgerId, randomUUID(), 'NX');
    const ledgerId = (await redis.get(keys.ledgerId)) ?? '';
    const marks = Object.entries(await redis.hgetall(keys.marks));
    await tellIfRestored(ledgerId, marks);

    const nowMs = Math.max(clock.now(), markedMs ?? 0);
    const stale = marks.flatMap(([id, ms]) => (Number(ms) < nowMs - keptMs ? id : []));
    await redis.hset(keys.marks, me, nowMs);
    if (stale.length > 0) await redis.hdel(keys.marks, ...stale);
    markedMs = nowMs;
    await keep({ ledgerId, markMs: nowMs });
  }

  /** The ledger was restored if it has forgotten what this process marked, or what its witness knows. */
  async function tellIfRestored(ledgerId: string, marks: readonly [string, string][]) {
    const own = marks.filter(([id]) => markedMs === null || id === me);
    const foundMs = Math.max(0, ...own.map(([, ms]) => Number(ms)));
    const witnessed =
      markedMs === null ? ((await witness?.read()) ?? null) : { ledgerId, markMs: markedMs };
    if (witnessed === null || witnessed.ledgerId !== ledgerId) return;
    const { markMs } = witnessed;
    if (foundMs >= markMs - toleratedMs) return;
    const found =
      foundMs === 0 ? 'nothing of it' : `${new Date(foundMs).toISOString()} as the last time`;
    const why = `An engine was here at ${new Date(markMs).toISOString()}, and the ledger has ${found}.`;
    log.error({ why }, 'the ledger was restored from a backup: everything automatic is paused');
    const lostUntilMs = markMs - toleratedMs;
    const id = await recordRestored(
      { ledger, clock },
      { why, by: 'jidoka', lostUntilMs, channel: channel() },
    );
    if (id !== null) await wake(`message:${id}`, clock.now());
  }

  async function keep(witnessed: Witnessed): Promise<void> {
    try {
      await witness?.write(witnessed);
    } catch (error) {
      if (complained) return;
      complained = true;
      const advice = 'after a restore of Redis run "jidoka restored" before the engine starts';
      log.info({ fault: messageOf(error), advice }, 'no witness of the ledger can be kept here');
    }
  }

  return { look };
}
