import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { messageOf, PartMissingError } from '../../lib/errors.js';
import { UsageError } from '../usage-error.js';

/** A history as bytes: JSON lines. */
export interface Source {
  /** What it is called in messages. */
  readonly name: string;
  readonly bytes: AsyncIterable<Buffer | Uint8Array>;
  /** Which part of it has been read, from 0 to 1; `undefined`: that cannot be known. */
  readonly progress: () => number | undefined;
}

interface SourceOptions {
  /** A file, `-` for standard input, or the address of an engine. */
  readonly from: string;
  readonly adminToken: string | undefined;
  readonly sinceMs: number | undefined;
  readonly untilMs: number | undefined;
}

const answersWithinMs = 30_000;

/**
 * Opens a history: a file, standard input, both perhaps packed with gzip, or the record of a running
 * engine.
 *
 * @throws UsageError for a file that cannot be read, PartMissingError for an engine that does not answer.
 */
export async function openSource(options: SourceOptions): Promise<Source> {
  const { from } = options;
  if (/^https?:\/\//.test(from)) return openEngine(options);
  if (from === '-') {
    return { name: 'standard input', bytes: unpacked(process.stdin), progress: () => undefined };
  }
  try {
    const file = await open(from);
    const stats = await file.stat();
    if (stats.isDirectory()) throw new Error('it is a folder');
    const { size } = stats;
    const stream = file.createReadStream({ highWaterMark: 256 * 1024 });
    const progress = () => (size === 0 ? 1 : Math.min(stream.bytesRead / size, 1));
    return { name: from, bytes: unpacked(stream), progress };
  } catch (error) {
    throw new UsageError(
      `${from} cannot be read: ${messageOf(error)}; expected a file, - for standard input, or the address of an engine`,
    );
  }
}

async function openEngine({ from, adminToken, sinceMs, untilMs }: SourceOptions): Promise<Source> {
  const url = new URL(`${from.replace(/\/+$/, '')}/api/v1/history`);
  if (sinceMs !== undefined) url.searchParams.set('since', new Date(sinceMs).toISOString());
  if (untilMs !== undefined) url.searchParams.set('until', new Date(untilMs).toISOString());
  const answer = await ask(url, adminToken);
  if (answer.ok && answer.body !== null) {
    return { name: from, bytes: answer.body, progress: () => undefined };
  }
  const said = await answer.text().catch(() => '');
  throw new PartMissingError(
    `${from} answered ${answer.status}: ${errorIn(said)}; JIDOKA_ADMIN_TOKEN is sent along where it is set`,
  );
}

async function ask(url: URL, adminToken: string | undefined): Promise<Response> {
  const headers: Record<string, string> =
    adminToken === undefined ? {} : { authorization: `Bearer ${adminToken}` };
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), answersWithinMs);
  try {
    return await fetch(url, { headers, redirect: 'error', signal: late.signal });
  } catch (error) {
    const said = late.signal.aborted ? 'it takes too long' : messageOf(error);
    throw new PartMissingError(
      `no engine answers at ${url.origin}: ${said}; start it (jidoka serve), or name a file`,
    );
  } finally {
    clearTimeout(timer);
  }
}

function errorIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: unknown };
    if (typeof error === 'string') return error;
  } catch {
    // said below
  }
  return 'it does not answer as Jidoka does; is it another program?';
}

/** The bytes, unpacked if they begin as gzip does (RFC 1952, 2.3.1). */
async function* unpacked(stream: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  async function* whole(): AsyncGenerator<Buffer> {
    yield first.value;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) return yield* whole();
  const gunzip = createGunzip();
  Readable.from(whole())
    .on('error', (error) => gunzip.destroy(error))
    .pipe(gunzip);
  yield* gunzip;
}
