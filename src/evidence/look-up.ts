import { createEvidenceStore, type Evidence, isStale } from '../ledger/evidence.js';
import type { Ledger } from '../ledger/ledger.js';

/**
 * Looks up what was gathered about an escalation or a run. Where that is nothing yet, or what it shows may have
 * changed since, workers gather it in the next seconds. Throws what Redis throws.
 *
 * @returns `null`: nothing was gathered yet
 */
export async function lookUpEvidence(
  ledger: Ledger,
  about: { readonly id: string; readonly endedAtMs: number | null },
  nowMs: number,
): Promise<Evidence | null> {
  const store = createEvidenceStore(ledger);
  const found = await store.read(about.id);
  if (isStale(found, about, nowMs)) await store.want(about.id, nowMs);
  return found;
}
