import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { PlaybookTexts } from '../../playbook/read.js';

const zip = promisify(gzip);
const unzip = promisify(gunzip);

/** A set smaller than this stays readable in Redis. */
const largeChars = 65_536;

/**
 * The texts of a set as they are in Redis: JSON, a large one compressed and in Base64. Texts of thousands
 * of playbooks are much alike; a twentieth of them is left to keep for as long as a set is kept.
 */
export async function packTexts(texts: PlaybookTexts): Promise<string> {
  const json = JSON.stringify(texts);
  return json.length < largeChars ? json : (await zip(json)).toString('base64');
}

/** Reads either form. @throws Error for a text that is neither. */
export async function unpackTexts(packed: string): Promise<PlaybookTexts> {
  const json = packed.startsWith('{')
    ? packed
    : (await unzip(Buffer.from(packed, 'base64'))).toString();
  return JSON.parse(json) as PlaybookTexts;
}
