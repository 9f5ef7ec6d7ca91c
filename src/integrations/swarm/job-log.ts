import { createHash } from 'node:crypto';
import type { ExecutionLog } from '../contract/job.js';
import { maskSecrets } from '../contract/mask-secrets.js';
import { withoutSecret } from '../contract/without-secret.js';

/** How much of each end of a log is kept, in bytes. */
const keptBytes = 8_192;

/** Characters that could steer a terminal or turn text around. */
const unprintable = /[^\P{C}\n\t]/gu;

/**
 * Takes the text out of a log of Docker's, which comes in frames: eight bytes with the length, then that many.
 * What is in no frame (the log of a terminal) is taken as it is.
 */
export function unframed(log: Buffer): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  while (at + 8 <= log.length) {
    const isFrame =
      (log[at] ?? 9) <= 2 && log[at + 1] === 0 && log[at + 2] === 0 && log[at + 3] === 0;
    if (!isFrame) return at === 0 ? log : Buffer.concat(parts);
    const length = log.readUInt32BE(at + 4);
    parts.push(log.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  return Buffer.concat(parts);
}

/**
 * Keeps the beginning and the end of a log, without secrets and control characters.
 *
 * @param secrets what the engine knows to be secret
 */
export function keepLog(log: Buffer, secrets: readonly string[]): ExecutionLog {
  const bytes = log.length;
  // secrets are taken out before anything is cut, so that no half of one is left
  const whole = cleaned(log.toString('utf8'), secrets);
  const text = cut(whole, bytes);
  return { text, sha256: createHash('sha256').update(text).digest('hex'), bytes };
}

function cleaned(log: string, secrets: readonly string[]): string {
  const ends =
    log.length <= 8 * keptBytes ? [log] : [log.slice(0, 4 * keptBytes), log.slice(-4 * keptBytes)];
  const known = secrets
    .filter((secret) => secret.length >= 4)
    .toSorted((one, other) => other.length - one.length);
  return ends
    .map((end) =>
      known.reduce(
        (text, secret) => (mayHold(text, secret) ? withoutSecret(text, secret) : text),
        end,
      ),
    )
    .map(maskSecrets)
    .map((end) => end.replace(/\r\n?/g, '\n').replace(unprintable, '\u00b7'))
    .join('\n');
}

/** Looking for every form of a secret takes long: a text without its first characters in a row holds none. */
function mayHold(text: string, secret: string): boolean {
  return text.includes(secret) || /[\\%&]/.test(text);
}

function cut(text: string, bytes: number): string {
  const all = Buffer.from(text);
  if (all.length <= 2 * keptBytes) return text;
  const first = all
    .subarray(0, keptBytes)
    .toString('utf8')
    .replace(/\ufffd+$/, '');
  const last = all
    .subarray(-keptBytes)
    .toString('utf8')
    .replace(/^\ufffd+/, '');
  return `${first}\n… the middle of ${bytes} bytes is left out …\n${last}`;
}
