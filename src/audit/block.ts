import { createHash } from 'node:crypto';
import { type AuditKey, type AuditKeys, isSameSignature } from './key.js';

/** An entry of the audit stream as it is sealed: its id, and all its fields as one text. */
export interface AuditLine {
  readonly id: string;
  readonly content: string;
}

/** A sealed row of records. It covers every entry after the block before it, up to its own last one. */
export interface AuditBlock {
  /** Counts from 1. */
  readonly number: number;
  /** The digest of the block before; empty for the first. */
  readonly previous: string;
  readonly count: number;
  /** SHA-256 over all its records, ids included. */
  readonly digest: string;
  /** Each record as `id hash`, so that the one that does not fit can be named. */
  readonly records: readonly string[];
}

/** An end of the chain: the last block (head), or the last one that was trimmed (checkpoint). */
export interface AuditEnd {
  readonly end: 'head' | 'checkpoint';
  /** The number, the last record and the digest of that block. */
  readonly number: number;
  readonly to: string;
  readonly digest: string;
}

/** Where a chain begins that nothing was trimmed from. */
export const genesis = { number: 0, to: '0-0', digest: '' } as const;

/** The block that follows another one and seals these records, of which there is at least one. */
export function blockAfter(
  before: Pick<AuditEnd, 'number' | 'digest'>,
  lines: readonly AuditLine[],
): AuditBlock {
  return {
    number: before.number + 1,
    previous: before.digest,
    count: lines.length,
    digest: digestOf(lines),
    records: lines.map(({ id, content }) => `${id} ${contentHash(content)}`),
  };
}

/** A short hash of a record's content, which tells one record of a block from another. */
export function contentHash(content: string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 16);
}

/** SHA-256 over records in their order, ids included. */
export function digestOf(lines: Iterable<AuditLine>): string {
  const hash = createHash('sha256');
  for (const { id, content } of lines) hash.update(`${JSON.stringify([id, content])}\n`);
  return hash.digest('hex');
}

/** The digest of a block as the next one and the ends of the chain name it. */
export function blockDigest(sealed: string): string {
  return createHash('sha256').update(sealed).digest('hex');
}

/** A block or an end of the chain as it is stored: with the key's id and the signature. */
export function seal(key: AuditKey, body: AuditBlock | AuditEnd): string {
  const signed = { ...body, key: key.id };
  return JSON.stringify({ ...signed, signature: key.sign(JSON.stringify(signed)) });
}

/** What was found under a seal. */
export type Opened<Body> =
  | { readonly kind: 'genuine'; readonly body: Body }
  /** The key that it names is none of ours. */
  | { readonly kind: 'unknown_key'; readonly keyId: string }
  | { readonly kind: 'broken' };

/** Opens a seal: what it holds, if a key of ours signed exactly this text. */
export function open<Body extends AuditBlock | AuditEnd>(
  find: AuditKeys['find'],
  sealed: string,
): Opened<Body> {
  let parsed: Body & { readonly key: string; readonly signature: string };
  try {
    parsed = JSON.parse(sealed);
    if (JSON.stringify(parsed) !== sealed) return { kind: 'broken' };
  } catch {
    return { kind: 'broken' };
  }
  const { signature, ...signed } = parsed;
  if (typeof signature !== 'string' || typeof signed.key !== 'string') return { kind: 'broken' };
  const key = find(signed.key);
  if (key === undefined) return { kind: 'unknown_key', keyId: signed.key };
  const expected = key.sign(JSON.stringify(signed));
  if (!isSameSignature(signature, expected)) return { kind: 'broken' };
  return { kind: 'genuine', body: signed as unknown as Body };
}

/** When Redis appended an entry, in milliseconds since the Unix epoch. */
export function timeOf(id: string): number {
  return Number(id.split('-')[0]);
}
