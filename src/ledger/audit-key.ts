import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Ledger } from './ledger.js';

/** A key that seals the audit trail. */
export interface AuditKey {
  /** Names the key in what it has sealed, and tells nothing about it. */
  readonly id: string;
  /** Kept in Redis: it shows accidents, but not forgery by somebody who holds Redis. */
  readonly isKept: boolean;
  /** HMAC-SHA256 of a text, in hexadecimal digits. */
  sign(text: string): string;
}

/** The keys of a cell's audit trail. */
export interface AuditKeys {
  /** Seals what is new; `undefined` for who only verifies a trail that nobody has sealed yet. */
  readonly sealing: AuditKey | undefined;
  find(id: string): AuditKey | undefined;
}

/** The keys of who seals: there is one to seal with. */
export type SealingKeys = AuditKeys & { readonly sealing: AuditKey };

/**
 * The keys that the operator gives, the first of which seals. The key kept in Redis still verifies
 * what it sealed; it seals where the operator gives none.
 */
export function auditKeys(given: readonly string[], kept: string | null): AuditKeys {
  const keys = given.map((text) => auditKey(text, false));
  if (kept !== null) keys.push(auditKey(kept, true));
  return { sealing: keys[0], find: (id) => keys.find((key) => key.id === id) };
}

/** Reads the keys of a cell without writing anything. Throws what ioredis throws. */
export async function readAuditKeys(
  { redis, keys }: Pick<Ledger, 'redis' | 'keys'>,
  given: readonly string[],
): Promise<AuditKeys> {
  return auditKeys(given, await redis.get(keys.auditKey));
}

/** The same for who seals: where neither the operator nor Redis has a key, one is made. */
export async function makeAuditKeys(
  ledger: Pick<Ledger, 'redis' | 'keys'>,
  given: readonly string[],
): Promise<SealingKeys> {
  if (given.length === 0) {
    await ledger.redis.set(ledger.keys.auditKey, randomBytes(32).toString('base64url'), 'NX');
  }
  const { sealing, find } = await readAuditKeys(ledger, given);
  if (sealing === undefined) throw new Error('Redis lost the key of the audit trail');
  return { sealing, find };
}

/** Whether two signatures are the same, compared in constant time. */
export function isSameSignature(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function auditKey(secret: string, isKept: boolean): AuditKey {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('hex');
  const id = createHash('sha256').update(sign('the id of this key')).digest('hex').slice(0, 12);
  return { id, isKept, sign };
}
