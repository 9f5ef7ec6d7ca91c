import { randomUUID } from 'node:crypto';
import type { Ledger } from '../ledger/ledger.js';
import type { Check } from '../ledger/transaction.js';
import {
  type AuditBlock,
  type AuditEnd,
  blockAfter,
  blockDigest,
  genesis,
  type Opened,
  open,
  seal,
  timeOf,
} from './block.js';
import type { AuditKey, AuditKeys } from './key.js';
import { linesOf } from './trail.js';

const recordsInBlock = 1_000;
const trimBatchSize = 50;

/** How often the trail is sealed. One worker does it a round: the lease ends before the next. */
export const sealEveryMs = 5_000;
const leaseMs = sealEveryMs - 500;

/**
 * Seals the audit trail block by block, and trims what is old and sealed. It builds on nothing that
 * it cannot verify: a trail that was tampered with stays as it is, for people to look at.
 */
export function createAuditSealer({
  ledger,
  key,
  find,
}: {
  readonly ledger: Ledger;
  /** Seals what is new. */
  readonly key: AuditKey;
  /** Finds the key that sealed what is there already. */
  readonly find: AuditKeys['find'];
}) {
  const { redis, keys } = ledger;
  const name = randomUUID();

  /**
   * Seals whatever was recorded since the last block, unless another worker does.
   *
   * @throws when the end of the chain does not fit, and what Redis throws.
   */
  async function sealNew(nowMs: number): Promise<void> {
    if ((await redis.set(keys.auditSealer, name, 'PX', leaseMs, 'NX')) === null) return;
    while ((await sealBlock(nowMs)) === recordsInBlock);
  }

  /** Seals the next block; gives back how many records it took. */
  async function sealBlock(nowMs: number): Promise<number> {
    const text = await redis.get(keys.auditHead);
    const head = text === null ? await beginning() : trusted<AuditEnd>(text, 'head');
    const found = await redis.xrange(keys.audit, `(${head.to}`, '+', 'COUNT', recordsInBlock);
    const last = found.at(-1);
    if (last === undefined) return 0;
    const block = blockAfter(head, linesOf(found));
    const sealed = seal(key, block);
    const next: AuditEnd = {
      end: 'head',
      number: block.number,
      to: last[0],
      digest: blockDigest(sealed),
    };
    const result = await ledger.commit({
      checks: [unchanged(keys.auditHead, text)],
      writes: [
        ['XADD', keys.auditBlocks, last[0], 'block', sealed],
        ['SET', keys.auditHead, seal(key, next)],
      ],
      nowMs,
    });
    if (result.kind !== 'committed') return 0;
    return block.count;
  }

  /** Without a head there must be no chain yet; else a new one would cover up that one is missing. */
  async function beginning() {
    if ((await redis.exists(keys.auditBlocks, keys.auditCheckpoint)) > 0) {
      throw new Error('the head of the audit trail is missing: run "jidoka audit verify"');
    }
    return genesis;
  }

  /**
   * Removes blocks whose records are all older than `keepMs`, and their records, behind a signed
   * checkpoint, so that the rest can still be verified.
   *
   * @throws when a block that is to be removed does not fit, and what Redis throws.
   */
  async function trim(nowMs: number, keepMs: number): Promise<void> {
    while ((await trimBlocks(nowMs, nowMs - keepMs)) === trimBatchSize);
  }

  async function trimBlocks(nowMs: number, beforeMs: number): Promise<number> {
    const text = await redis.get(keys.auditCheckpoint);
    let checkpoint: AuditEnd | typeof genesis =
      text === null ? genesis : trusted<AuditEnd>(text, 'checkpoint');
    const found = await redis.xrange(keys.auditBlocks, '-', '+', 'COUNT', trimBatchSize);
    const old = found.filter(([id]) => timeOf(id) < beforeMs);
    for (const [to, [, sealed = '']] of old) {
      const { number, previous } = trusted<AuditBlock>(sealed, `block ${checkpoint.number + 1}`);
      if (number !== checkpoint.number + 1 || previous !== checkpoint.digest) {
        throw new Error(
          `block ${number} of the audit trail is out of place: run "jidoka audit verify"`,
        );
      }
      checkpoint = { end: 'checkpoint', number, to, digest: blockDigest(sealed) };
    }
    if (!('end' in checkpoint) || old.length === 0) return 0;
    const rest = `${timeOf(checkpoint.to)}-${Number(checkpoint.to.split('-')[1]) + 1}`;
    const result = await ledger.commit({
      checks: [unchanged(keys.auditCheckpoint, text)],
      writes: [
        ['SET', keys.auditCheckpoint, seal(key, checkpoint)],
        ['XTRIM', keys.audit, 'MINID', rest],
        ['XTRIM', keys.auditBlocks, 'MINID', rest],
      ],
      nowMs,
    });
    return result.kind === 'committed' ? old.length : 0;
  }

  function trusted<Body extends AuditBlock | AuditEnd>(sealed: string, what: string): Body {
    const opened: Opened<Body> = open<Body>(find, sealed);
    if (opened.kind === 'genuine') return opened.body;
    throw new Error(
      opened.kind === 'broken'
        ? `the ${what} of the audit trail was changed: run "jidoka audit verify"`
        : `the ${what} of the audit trail is sealed with key ${opened.keyId}, which is not set: add it to JIDOKA_AUDIT_KEY`,
    );
  }

  return { sealNew, trim };
}

function unchanged(key: string, value: string | null): Check {
  return value === null ? { kind: 'absent', key } : { kind: 'string', key, value };
}
