import { close, type Episode } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import type { Reason } from '../ledger/reason.js';
import type { Check, Write } from '../ledger/transaction.js';
import type { EngineParts } from './parts.js';

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
export function closingWrites({ ledger }: EngineParts, closed: Episode, nowMs: number): Write[] {
  return closed.cases.map((id) => ['ZADD', ledger.keys.agenda, nowMs, `case:${id}`]);
}

/**
 * Closes an episode of which nobody said that it resolved; its runs and questions are told. `false`:
 * somebody else changed it meanwhile.
 */
export async function closeEpisode(
  parts: EngineParts,
  stored: Stored<Episode>,
  { reason, detail, nowMs, endsAtMs, checks = [], writes = [] }: Why,
): Promise<boolean> {
  const { ledger } = parts;
  const closed = { ...close(stored.value, nowMs), endsAtMs: endsAtMs ?? null };
  const save = ledger.saveEpisode(stored, closed);
  const result = await ledger.commit({
    checks: [save.check, ...checks],
    writes: [
      ...save.writes,
      ...writes,
      ...closingWrites(parts, closed, nowMs),
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
  for (const id of closed.cases) await parts.wake(`case:${id}`, nowMs);
  return true;
}
