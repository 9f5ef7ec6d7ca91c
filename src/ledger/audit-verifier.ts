import {
  type AuditBlock,
  type AuditEnd,
  type AuditLine,
  blockDigest,
  genesis,
  type Opened,
  open,
} from './audit-block.js';
import { createBlockCheck, lastOf } from './audit-block-check.js';
import { type AuditFault, recordFault } from './audit-fault.js';
import type { AuditKey, AuditKeys } from './audit-key.js';
import type { TrailItem, TrailMoment } from './audit-trail.js';

/** What was verified. */
export interface AuditVerified {
  readonly kind: 'verified';
  readonly records: number;
  readonly blocks: number;
  /** The first and the last record that was verified. */
  readonly first: string | null;
  readonly last: string | null;
  /** Blocks sealed with the key kept in Redis, which does not show forgery by somebody who holds Redis. */
  readonly weakBlocks: number;
  readonly unsealed: number;
}

/** The signed ends of the chain as the ledger has them, and its last block. */
export type TrailEnds = Pick<TrailMoment, 'head' | 'checkpoint' | 'lastBlock'>;

type Fault = Omit<AuditFault, 'entry'>;

/**
 * Verifies a trail, item by item, keeping no more of it than one block: that every sealed record is
 * there as it was sealed, and no other between them.
 *
 * @param ends `null` for a piece of a trail (an export), which may begin and end anywhere.
 */
export function createAuditVerifier(keys: AuditKeys, ends: TrailEnds | null) {
  /** The block that the next one has to follow; `null`: any may come first. */
  let before: { readonly number: number; readonly digest: string } | null = null;
  let head: AuditEnd | null = null;
  let ownSince: number | null = null;
  let check: ReturnType<typeof createBlockCheck> | null = null;
  let found: AuditFault | null = null;
  /** A fault of a block or an end, which the next record gives its place. */
  let pending: Fault | null = ends === null ? null : takeEnds(ends);
  const sum = { records: 0, blocks: 0, weakBlocks: 0, unsealed: 0 };
  let first: string | null = null;
  let last: string | null = null;
  let unsealed: string | null = null;

  function takeEnds(given: TrailEnds): Fault | null {
    before = genesis;
    if (given.head === null) {
      const isNew = given.lastBlock === null && given.checkpoint === null;
      return isNew ? null : fault('head', 'removed', 'a signed end of the chain');
    }
    const opened = open<AuditEnd>(keys, given.head);
    if (opened.kind !== 'genuine' || opened.body.end !== 'head') {
      return fault('head', 'changed', sealOf(opened));
    }
    if (opened.key.isKept && keys.sealing?.isKept === false) {
      const expected = `a seal under the key that is given (${keys.sealing.id}); either no engine has sealed with it yet, or it is forged`;
      return fault('head', 'changed', expected);
    }
    head = opened.body;
    ownSince = head.ownSince;
    if (given.checkpoint === null) return null;
    const trimmed = open<AuditEnd>(keys, given.checkpoint);
    if (
      trimmed.kind !== 'genuine' ||
      trimmed.body.end !== 'checkpoint' ||
      isDowngraded(trimmed.key, trimmed.body.number)
    ) {
      return fault('checkpoint', 'changed', sealOf(trimmed));
    }
    before = trimmed.body;
    return null;
  }

  /** Takes the next item; gives back the fault, once it is known. */
  function take(item: TrailItem): AuditFault | null {
    if (found !== null) return found;
    if (pending !== null) {
      if (item.kind === 'record') found = { ...pending, entry: item.id };
    } else if (item.kind === 'block') {
      found = finishBlock(false);
      if (found === null) pending = takeBlock(item.id, item.sealed);
    } else {
      found = takeRecord(item);
    }
    return found;
  }

  function takeBlock(id: string, sealed: string): Fault | null {
    const opened = open<AuditBlock>(keys, sealed);
    if (opened.kind !== 'genuine' || !Array.isArray(opened.body.records)) {
      return fault('block', 'changed', sealOf(opened));
    }
    const { body, key } = opened;
    const next = before === null ? body.number : before.number + 1;
    if (lastOf(body) !== id) return fault('block', 'reordered', `block ${next} to end at ${id}`);
    if (body.number !== next) {
      const how = body.number > next ? 'removed' : 'inserted';
      return fault('block', how, `block ${next}, got block ${body.number}`);
    }
    if (before !== null && body.previous !== before.digest) {
      return fault('block', 'changed', `block ${next} to follow the block before it`);
    }
    if (isDowngraded(key, body.number)) {
      return fault('block', 'changed', `block ${next} under a key that is not kept in Redis`);
    }
    if (!key.isKept) ownSince ??= body.number;
    check = createBlockCheck(body, ends === null && before === null);
    before = { number: body.number, digest: blockDigest(sealed) };
    sum.blocks += 1;
    if (key.isKept) sum.weakBlocks += 1;
    return null;
  }

  function takeRecord(line: AuditLine): AuditFault | null {
    const taken = check === null ? 'beyond' : check.take(line);
    if (taken === 'beyond') {
      sum.unsealed += 1;
      unsealed ??= line.id;
      return null;
    }
    if (taken !== 'fits') return taken;
    sum.records += 1;
    first ??= line.id;
    last = line.id;
    return null;
  }

  /** No more records come for the present block. */
  function finishBlock(isEnd: boolean): AuditFault | null {
    const missing = check?.finish(isEnd && ends === null) ?? null;
    if (missing !== null || isEnd || unsealed === null) return missing;
    return recordFault('inserted', unsealed, 'no record between two blocks');
  }

  /** Nothing more comes: the fault, or what was verified. */
  function end(): AuditFault | AuditVerified {
    found ??= pending === null ? finishBlock(true) : null;
    pending ??= found === null ? checkHead() : null;
    if (found !== null) return found;
    if (pending !== null) return { ...pending, entry: unsealed ?? last ?? genesis.to };
    return { kind: 'verified', ...sum, first, last };
  }

  function checkHead(): Fault | null {
    if (head === null) return null;
    const { number, digest } = head;
    if (before?.number === number && before.digest === digest) return null;
    const how = (before?.number ?? 0) < number ? 'removed' : 'inserted';
    return fault('block', how, `block ${number} to be the last`);
  }

  /** The key in Redis does not count any more once the operator's own was used. */
  function isDowngraded(key: AuditKey, number: number): boolean {
    return key.isKept && ownSince !== null && number >= ownSince;
  }

  return { take, end };
}

function fault(of: AuditFault['of'], how: AuditFault['how'], expected: string): Fault {
  return { kind: 'fault', of, how, expected };
}

function sealOf(opened: Opened<AuditBlock | AuditEnd>): string {
  return opened.kind === 'unknown_key'
    ? `a seal under a key that is given, got one under ${opened.keyId}: if that is a key of yours, give it in JIDOKA_AUDIT_KEY`
    : 'a signature that fits';
}
