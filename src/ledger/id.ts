import { randomBytes } from 'node:crypto';

/**
 * A new id, safe in addresses and keys: twelve characters with 72 bits of chance. It begins with a letter
 * or a digit, so that it can be given to a command, which takes what begins with a dash for an option.
 */
export function createId(): string {
  for (;;) {
    const id = randomBytes(9).toString('base64url');
    if (/^[A-Za-z0-9]/.test(id)) return id;
  }
}
