import {
  type AuditBlock,
  type AuditEnd,
  type AuditLine,
  blockDigest,
  genesis,
  type Opened,
  open,
} from './block.js';
import { createBlockCheck, lastOf } from './block-check.js';
import { type AuditFault, recordFault } from './fault.js';
import type { AuditKeys } from './key.js';
import type { TrailItem, TrailMoment } from './trail.js';

/** What was verified. */
export interface AuditVerified {
  readonly kind: 'verified';
  readonly records: number;
  readonly blocks: number;
  /** The first and the last record that was verified. */
  readonly first: string | null;
  readonly last: string | null;
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
export function createAuditVerifier({ find }: AuditKeys, ends: TrailEnds | null) {
  /** The block that the next one has to follow; `null`: any may come first. */
  let before: { readonly number: number; readonly digest: string } | null = null;
  let head: AuditEnd | null = null;
  let check: ReturnType<typeof createBlockCheck> | null = null;
  let found: AuditFault | null = null;
  /** A fault of a block or an end, which the next record gives its place. */
  let pending: Fault | null = ends === null ? null : takeEnds(ends);
  const sum = { records: 0, blocks: 0, unsealed: 0 };
  let first: string | null = null;
  let last: string | null = null;
  let unsealed: string | null = null;

  function takeEnds(given: TrailEnds): Fault | null {
    before = genesis;
    if (given.head === null) {
      const isNew = given.lastBlock === null && given.checkpoint === null;
      return isNew ? null : fault('head', 'removed', 'a signed end of the chain');
    }
    const opened = open<AuditEnd>(find, given.head);
    if (opened.kind !== 'genuine' || opened.body.end !== 'head') {
      return fault('head', 'changed', sealOf(opened));
    }
    head = opened.body;
    if (given.checkpoint === null) return null;
    const trimmed = open<AuditEnd>(find, given.checkpoint);
    if (trimmed.kind !== 'genuine' || trimmed.body.end !== 'checkpoint') {
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
    const opened = open<AuditBlock>(find, sealed);
    if (opened.kind !== 'genuine' || !Array.isArray(opened.body.records)) {
      return fault('block', 'changed', sealOf(opened));
    }
    const { body } = opened;
    const next = before === null ? body.number : before.number + 1;
    if (lastOf(body) !== id) return fault('block', 'reordered', `block ${next} to end at ${id}`);
    if (body.number !== next) {
      const how = body.number > next ? 'removed' : 'inserted';
      return fault('block', how, `block ${next}, got block ${body.number}`);
    }
    if (before !== null && body.previous !== before.digest) {
      return fault('block', 'changed', `block ${next} to follow the block before it`);
    }
    check = createBlockCheck(body, ends === null && before === null);
    before = { number: body.number, digest: blockDigest(sealed) };
    sum.blocks += 1;
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

  return { take, end };
}

function fault(of: AuditFault['of'], how: AuditFault['how'], expected: string): Fault {
  return { kind: 'fault', of, how, expected };
}

function sealOf(opened: Opened<AuditBlock | AuditEnd>): string {
  return opened.kind === 'unknown_key'
    ? `a seal under a known key, got one under ${opened.keyId}: if this is your key, add it to JIDOKA_AUDIT_KEY`
    : 'a valid signature';
}
