import { close, type Episode } from '../../ledger/episode.js';
import type { Reason } from '../../ledger/reason.js';
import type { Stored } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';

interface Why {
  readonly reason: Extract<Reason, 'unverified' | 'reconciled' | 'stale'>;
  readonly detail: string;
  readonly nowMs: number;
  /** When it may have ended; left out, now. What starts after that is a new episode. */
  readonly endsAtMs?: number;
  /** What goes with it in the same atomic step. */
  readonly checks?: readonly Check[];
  readonly writes?: readonly Write[];
}

/** The writes that have the cases of a closed episode looked at. */
export function closingWrites({ ledger }: EngineContext, closed: Episode, nowMs: number): Write[] {
  return closed.cases.map((id) => ['ZADD', ledger.keys.schedule, nowMs, scheduleItem('case', id)]);
}

/**
 * Closes an episode of which no one said that it resolved; its runs and questions are told. `false`:
 * another worker changed it meanwhile.
 */
export async function closeEpisode(
  context: EngineContext,
  stored: Stored<Episode>,
  { reason, detail, nowMs, endsAtMs, checks = [], writes = [] }: Why,
): Promise<boolean> {
  const { ledger } = context;
  const closed = { ...close(stored.value, nowMs), endsAtMs: endsAtMs ?? null };
  const save = ledger.saveEpisode(stored, closed);
  const result = await ledger.commit({
    checks: [save.check, ...checks],
    writes: [
      ...save.writes,
      ...writes,
      ...closingWrites(context, closed, nowMs),
      ledger.audit({
        atMs: nowMs,
        subject: 'episode',
        id: closed.id,
        event: 'closed',
        reason,
        detail,
      }),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return false;
  for (const id of closed.cases) await context.wake(scheduleItem('case', id), nowMs);
  return true;
}
