import type { AnyLedger } from '../ledger/ledger.js';
import { conflict, retryOnConflict } from '../ledger/retry-on-conflict.js';
import type { Clock } from '../lib/clock.js';
import { type Pause, type PauseScope, pauseField } from './pause.js';

/** What people do with pauses. Every method throws what Redis throws; nothing was changed then. */
export type Pauses = ReturnType<typeof createPauses>;

export function createPauses({ ledger, clock }: { ledger: AnyLedger; clock: Clock }) {
  const { keys, redis } = ledger;

  /** The pauses that last, the oldest first. */
  async function list(): Promise<readonly Pause[]> {
    const texts = await redis.hvals(keys.pauses);
    return texts
      .map((text) => JSON.parse(text) as Pause)
      .filter(lasts)
      .sort((a, b) => a.sinceMs - b.sinceMs);
  }

  /** Sets a pause, in place of one of the same scope. `forMs`: `null` until it is lifted. */
  async function set(
    scope: PauseScope,
    { by, why, forMs }: { by: string; why: string; forMs: number | null },
  ): Promise<Pause> {
    const nowMs = clock.now();
    const untilMs = forMs === null ? null : nowMs + forMs;
    const pause: Pause = { ...scope, by, why, sinceMs: nowMs, untilMs };
    const field = pauseField(scope);
    const until = untilMs === null ? '' : ` (until ${new Date(untilMs).toISOString()})`;
    await ledger.commit({
      checks: [],
      writes: [
        ['HSET', keys.pauses, field, JSON.stringify(pause)],
        ledger.audit({
          atMs: nowMs,
          subject: 'guard',
          id: `pause:${field}`,
          event: 'paused',
          reason: 'paused',
          detail: `${why}${until}`,
          by,
        }),
      ],
      nowMs,
    });
    return pause;
  }

  /** Lifts a pause and gives it back; `null`: there is none. */
  async function lift(scope: PauseScope, { by }: { by: string }): Promise<Pause | null> {
    const field = pauseField(scope);
    return retryOnConflict(`pause ${field}`, async () => {
      const text = await redis.hget(keys.pauses, field);
      const nowMs = clock.now();
      const pause = text === null ? null : (JSON.parse(text) as Pause);
      if (text === null || pause === null || !lasts(pause)) return null;
      const result = await ledger.commit({
        checks: [{ kind: 'field', key: keys.pauses, field, value: text }],
        writes: [
          ['HDEL', keys.pauses, field],
          ledger.audit({
            atMs: nowMs,
            subject: 'guard',
            id: `pause:${field}`,
            event: 'lifted',
            by,
          }),
        ],
        nowMs,
      });
      return result.kind === 'committed' ? pause : conflict;
    });
  }

  function lasts({ untilMs }: Pause): boolean {
    return untilMs === null || untilMs > clock.now();
  }

  return { list, set, lift };
}
