import {
  type AuditEnd,
  type AuditLine,
  blockAfter,
  blockDigest,
  genesis,
  seal,
} from '../../../src/audit/block.js';
import type { AuditKey, AuditKeys } from '../../../src/audit/key.js';
import type { TrailItem } from '../../../src/audit/trail.js';
import { createAuditVerifier } from '../../../src/audit/verifier.js';
import { compareIds } from '../../../src/ledger/compare-ids.js';

/** An audit trail in memory, as its two streams and its head would hold it. */
export interface Chain {
  readonly records: readonly AuditLine[];
  readonly blocks: readonly { readonly id: string; readonly sealed: string }[];
  readonly head: string | null;
  readonly checkpoint: string | null;
}

/** A trail whose records are sealed in blocks of these sizes; what is left over is not sealed yet. */
export function sealed(
  key: AuditKey,
  records: readonly AuditLine[],
  sizes: readonly number[],
): Chain {
  let end: Omit<AuditEnd, 'end'> = genesis;
  let rest = records;
  const blocks: { id: string; sealed: string }[] = [];
  for (const size of sizes) {
    const lines = rest.slice(0, size);
    rest = rest.slice(size);
    const block = blockAfter(end, lines);
    const text = seal(key, block);
    const to = lines.at(-1)?.id ?? '';
    blocks.push({ id: to, sealed: text });
    end = { number: block.number, to, digest: blockDigest(text) };
  }
  const head = blocks.length === 0 ? null : seal(key, { end: 'head', ...end });
  return { records, blocks, head, checkpoint: null };
}

/** The trail in the order in which it is read: each block before its records. */
export function itemsOf({ records, blocks }: Pick<Chain, 'records' | 'blocks'>): TrailItem[] {
  const items: TrailItem[] = [];
  let rest = records;
  for (const block of blocks) {
    const covered = rest.filter(({ id }) => compareIds(id, block.id) <= 0);
    rest = rest.slice(covered.length);
    items.push({ kind: 'block', ...block });
    items.push(...covered.map((line) => ({ kind: 'record' as const, ...line })));
  }
  return [...items, ...rest.map((line) => ({ kind: 'record' as const, ...line }))];
}

/** What verifying it says. */
export function verify(keys: AuditKeys, chain: Chain) {
  const { head, checkpoint, blocks } = chain;
  const lastBlock = blocks.at(-1)?.id ?? null;
  const verifier = createAuditVerifier(keys, { head, checkpoint, lastBlock });
  for (const item of itemsOf(chain)) verifier.take(item);
  return verifier.end();
}
