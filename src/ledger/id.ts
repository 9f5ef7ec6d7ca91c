import { randomBytes } from 'node:crypto';

/** A new id for a run, a case or an escalation: short, opaque, unguessable. */
export function createId(): string {
  return randomBytes(9).toString('base64url');
}
