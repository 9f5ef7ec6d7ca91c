import type { Ledger } from '../ledger/ledger.js';

/**
 * Removes records that are older than `keepMs` from a trail that no one seals.
 *
 * @throws where the trail was sealed before: without the key its blocks would no longer fit; and
 *   what Redis throws.
 */
export async function trimUnsealed(ledger: Ledger, nowMs: number, keepMs: number): Promise<void> {
  const { audit, auditHead, auditBlocks, auditCheckpoint } = ledger.keys;
  const trimmed = await ledger.commit({
    checks: [auditHead, auditBlocks, auditCheckpoint].map((key) => ({ kind: 'absent', key })),
    writes: [['XTRIM', audit, 'MINID', `${Math.max(0, nowMs - keepMs)}-0`]],
    nowMs,
  });
  if (trimmed.kind !== 'committed') {
    throw new Error(
      'the audit trail is sealed and no key is set, so nothing is trimmed: set JIDOKA_AUDIT_KEY',
    );
  }
}
