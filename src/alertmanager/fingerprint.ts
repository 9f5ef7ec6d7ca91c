import type { Labels } from './alert.js';

/** FNV's offset basis and prime, of 64 bits: the prime is 2^40 + 0x1b3. */
const offsetHigh = 0xcbf29ce4;
const offsetLow = 0x84222325;
const primeLow = 0x1b3;
const word = 2 ** 32;
/** What Prometheus puts after each name and each value: no byte of UTF-8. */
const separator = Buffer.from([0xff]);

/**
 * The fingerprint that Alertmanager gives to an alert with these labels, 16 hex digits: 64-bit FNV-1a
 * over their names in order and their values (`labelSetToFingerprint` in prometheus/common).
 */
export function fingerprintOf(labels: Labels): string {
  const parts: Buffer[] = [];
  for (const name of Object.keys(labels).sort(byBytes)) {
    const value = labels[name] ?? '';
    if (value !== '') parts.push(Buffer.from(name), separator, Buffer.from(value), separator);
  }
  // the two halves of the sum: as whole numbers they stay exact
  let high = offsetHigh;
  let low = offsetLow;
  for (const byte of Buffer.concat(parts)) {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * primeLow;
    high = (high * primeLow + Math.floor(product / word) + mixed * 2 ** 8) % word;
    low = product % word;
  }
  return hexOf(high) + hexOf(low);
}

function hexOf(half: number): string {
  return half.toString(16).padStart(8, '0');
}

/** Go compares the bytes of texts, JavaScript their UTF-16 units, which differ beyond 0xd7ff only. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
