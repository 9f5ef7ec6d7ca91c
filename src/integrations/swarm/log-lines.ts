import { unframed } from './job-log.js';

/** Reads the lines of a log as the engine sends it. Control characters are left out. */
export function readLogLines(bytes: Buffer): readonly string[] {
  return unframed(bytes)
    .toString('utf8')
    .split('\n')
    .map((line) => line.replace(escapes, '').replace(controls, '').trimEnd())
    .filter((line) => line !== '');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is those that are left out
const escapes = /\u001b\[[0-9;?]*[A-Za-z]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is those that are left out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
