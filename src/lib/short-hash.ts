import { hash } from 'node:crypto';

/** Hashes a text (as UTF-8) or bytes to 32 hex digits of SHA-256: enough to tell things apart in keys. */
export function shortHash(content: string | Uint8Array): string {
  return hash('sha256', content).slice(0, 32);
}
