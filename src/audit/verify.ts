import type { Ledger } from '../ledger/ledger.js';
import type { AuditFault } from './fault.js';
import type { AuditKeys } from './key.js';
import { readTrail, type TrailItem, trailMoment } from './trail.js';
import { type AuditVerified, createAuditVerifier } from './verifier.js';

const maxTries = 10;

/**
 * Verifies the audit trail of a ledger as it is now, while it grows and is trimmed.
 *
 * @throws what ioredis throws; nothing is known of the trail then.
 */
export async function verifyLedger(
  ledger: Pick<Ledger, 'redis' | 'keys'>,
  keys: AuditKeys,
): Promise<AuditFault | AuditVerified> {
  for (let tries = 1; ; tries += 1) {
    const moment = await trailMoment(ledger);
    const result = await verifyItems(createAuditVerifier(keys, moment), readTrail(ledger, moment));
    if (result.kind === 'verified' || tries === maxTries) return result;
    // What was trimmed meanwhile looks as if it were removed.
    if ((await trailMoment(ledger)).checkpoint === moment.checkpoint) return result;
  }
}

/** Verifies what was exported: a piece of a trail. */
export function verifyPiece(
  keys: AuditKeys,
  items: AsyncIterable<TrailItem>,
): Promise<AuditFault | AuditVerified> {
  return verifyItems(createAuditVerifier(keys, null), items);
}

async function verifyItems(
  verifier: ReturnType<typeof createAuditVerifier>,
  items: AsyncIterable<TrailItem>,
): Promise<AuditFault | AuditVerified> {
  for await (const item of items) {
    if (verifier.take(item) !== null) break;
  }
  return verifier.end();
}
