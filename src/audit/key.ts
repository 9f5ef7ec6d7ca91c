import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A key that seals the audit trail. */
export interface AuditKey {
  /** Names the key in what it has sealed, and tells nothing about it. */
  readonly id: string;
  /** HMAC-SHA256 of a text, in hexadecimal digits. */
  sign(text: string): string;
}

/** The keys of a cell's audit trail. */
export interface AuditKeys {
  /** Seals new records; `undefined`: the operator gives no key. */
  readonly sealing: AuditKey | undefined;
  find(id: string): AuditKey | undefined;
}

/** Reads the keys that the operator gives. The first one seals, all of them verify. */
export function auditKeys(given: readonly string[]): AuditKeys {
  const keys = given.map(auditKey);
  return { sealing: keys[0], find: (id) => keys.find((key) => key.id === id) };
}

/** Whether two signatures are the same, compared in constant time. */
export function isSameSignature(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function auditKey(secret: string): AuditKey {
  const sign = (text: string) => createHmac('sha256', secret).update(text).digest('hex');
  const id = createHash('sha256').update(sign('the id of this key')).digest('hex').slice(0, 12);
  return { id, sign };
}
