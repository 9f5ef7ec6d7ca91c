import { randomUUID } from 'node:crypto';
import { beginLedger } from '../../ledger/begin-ledger.js';
import type { Fence } from '../../ledger/fence.js';
import type { Ledger } from '../../ledger/ledger.js';
import { scheduleItem, type Wake } from '../../ledger/schedule-item.js';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import { formatTime } from '../../lib/time.js';
import type { Mark, RestoreMarker } from './restore-marker.js';
import { recordRestored } from './restored.js';

/** How often the time is marked in the ledger. */
export const markEveryMs = 5_000;
/** How far the mark may go back before it counts as a restore: a failover loses less. */
const toleratedMs = 60_000;
/** How long the marks of engines that have ended are kept, and how many are kept whatever the time is. */
const keptMs = 7 * 24 * 3_600_000;
const keptAlways = 100;

/** What the ledger in Redis says about itself. */
interface Found {
  /** Which ledger it is; `null`: it is empty. */
  readonly ledgerId: string | null;
  /** When it began, in milliseconds; `null`: it does not say, so that was long ago. */
  readonly beganMs: number | null;
  /** When each engine was last here, in milliseconds. */
  readonly marks: ReadonlyMap<string, number>;
}

/** What was lost, for people. */
interface Loss {
  readonly title: string;
  readonly why: string;
  readonly advice: string;
}

/**
 * Notices that the ledger was restored from a backup, lost or replaced. The engine marks the time in the
 * ledger every few seconds, and remembers it with the ledger's id, itself and in a file (the restore marker): a
 * ledger that has forgotten such a mark, or has another id, does not know what was done before. Between two
 * looks the fence keeps the engine from acting on such a ledger.
 */
export function createRestoreWatch({
  ledger,
  clock,
  restoreMarker,
  fence,
  channel,
  onReplaced = async () => {},
  wake,
  log,
}: {
  /** Without a fence: it has to be written to whatever it is. */
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** `undefined`: none is kept. */
  readonly restoreMarker: RestoreMarker | undefined;
  /** Of the ledger that the engine acts with. */
  readonly fence?: Fence;
  readonly channel: () => string | undefined;
  /** Is called when another ledger took the place of the one that this process worked with. */
  readonly onReplaced?: () => Promise<void>;
  readonly wake: Wake;
  readonly log: Logger;
}) {
  const { redis, keys } = ledger;
  const me = randomUUID();
  /** What this process marked last. */
  let marked: Mark | null = null;
  let reported = false;
  let isReplaced = false;
  let beganMs: number | null = null;

  /**
   * Compares the ledger with what this engine knows of it, and marks the time. To be called before
   * anything acts, and every `markEveryMs`.
   *
   * @throws what Redis throws.
   */
  async function look(): Promise<void> {
    const found = await read();
    const known = marked ?? (await restoreMarker?.read()) ?? null;
    const loss = known === null ? null : lossOf(known, found);
    // everything is paused before an empty ledger gets an id, without which no engine acts
    if (known !== null && loss !== null) await report(loss, known.markMs);
    const { ledgerId, beganMs: began } = found.ledgerId === null ? await begin() : found;
    if (ledgerId === null) throw new Error('Redis was emptied during the check');
    beganMs = began;

    const markMs = Math.max(clock.now(), marked?.markMs ?? 0);
    await redis.hset(keys.marks, me, markMs);
    const old = oldMarks(found.marks, markMs);
    if (old.length > 0) await redis.hdel(keys.marks, ...old);
    isReplaced ||= marked !== null && marked.ledgerId !== ledgerId;
    marked = { ledgerId, markMs };
    fence?.hold({ ledgerId, engine: me, sinceMs: markMs - toleratedMs });
    await keep(marked);
    if (!isReplaced) return;
    await onReplaced();
    isReplaced = false;
  }

  async function read(): Promise<Found> {
    const [ledgerId, began, marks] = await Promise.all([
      redis.get(keys.ledgerId),
      redis.get(keys.ledgerBegan),
      redis.hgetall(keys.marks),
    ]);
    return {
      ledgerId,
      beganMs: began === null ? null : Number(began),
      marks: new Map(Object.entries(marks).map(([id, ms]) => [id, Number(ms)])),
    };
  }

  async function begin(): Promise<Found> {
    await beginLedger(ledger, clock.now());
    return read();
  }

  /** What the ledger does not know any more, held against what is known of it; `null`: it knows all. */
  function lossOf(known: Mark, { ledgerId, marks }: Found): Loss | null {
    const lastHere = formatTime(known.markMs);
    if (ledgerId !== known.ledgerId) {
      const place = ledgerId === null ? 'is empty' : `holds ledger ${ledgerId}`;
      const mark = marked === null ? restoreMarker?.place : 'its memory';
      return {
        title: 'The ledger was lost or replaced',
        why: `This engine worked with ledger ${known.ledgerId} until ${lastHere} (${mark}), and Redis ${place}.`,
        advice:
          'The new ledger has no pauses, cooldowns or answers from before. If the old one was lost, restore it from a backup. If the new one is intended (a new REDIS_URL, a fresh volume), run "jidoka restored --accept", which lifts the pause.',
      };
    }
    const own = marked === null ? [...marks.values()] : [marks.get(me) ?? 0];
    const foundMs = Math.max(0, ...own);
    if (foundMs >= known.markMs - toleratedMs) return null;
    const latest =
      foundMs === 0 ? 'nothing of it' : `${new Date(foundMs).toISOString()} as the last time`;
    return {
      title: 'The ledger was restored from a backup',
      why: `An engine worked with it at ${lastHere}, and the ledger shows ${latest}.`,
      advice:
        'Jidoka does not know what it did since that backup. Check the sizes of services and groups, then lift the pause of everything or run "jidoka restored --accept".',
    };
  }

  async function report(loss: Loss, markMs: number): Promise<void> {
    const id = await recordRestored(
      { ledger, clock },
      { ...loss, by: 'jidoka', lostUntilMs: markMs - toleratedMs, channel: channel() },
    );
    if (id === null) return;
    log.error({ why: loss.why }, 'ledger restored, lost or replaced: everything paused');
    await wake(scheduleItem('message', id), clock.now());
  }

  /** Of engines that have ended long ago. The latest stay, so that a clock that jumps ahead forgets no engine. */
  function oldMarks(marks: Found['marks'], nowMs: number): string[] {
    return [...marks]
      .filter(([id]) => id !== me)
      .sort(([, a], [, b]) => b - a)
      .slice(keptAlways)
      .flatMap(([id, ms]) => (ms < nowMs - keptMs ? [id] : []));
  }

  async function keep(mark: Mark): Promise<void> {
    try {
      await restoreMarker?.write(mark);
    } catch (error) {
      if (reported) return;
      reported = true;
      const advice =
        'mount a persistent volume there; until then, run "jidoka restored" after a restore of Redis, before you start the engine';
      log.warn({ fault: messageOf(error), advice }, 'restore marker not written');
    }
  }

  return { look, beganMs: () => beganMs };
}
