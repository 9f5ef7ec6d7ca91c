import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { notificationOf, type PostedNotification, sourceOf } from '../alertmanager/payload.js';
import type { Posted, Received } from '../alertmanager/received.js';

/** What a job of notifications is called, by the form of its data; another form gets another name. */
export const arrivalsName = 'arrivals';
export const packedName = 'packed';

/** Beyond this, a text takes less room packed, and less time to write as well. */
const packedFromBytes = 4 * 1024;
/** The quickest setting: what is alike, as the alerts of one storm are, it packs to a tenth. Others take longer and win little. */
const quickest = { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } };

/** A notification of Alertmanager as it lies in a job. */
interface PostedEntry {
  readonly receivedAtMs: number;
  readonly posted: PostedNotification;
}

/** The data of a job of the intake: what arrived together, in its order. */
export type IntakeJob =
  | readonly (Received | PostedEntry)[]
  /** The same as a text in UTF-8, packed with Brotli, in base64. */
  | { readonly brotli: string };

/** The notifications of a job, in the order in which they arrived. */
export function notificationsOf(job: IntakeJob): readonly Received[] {
  if ('brotli' in job) return notificationsOf(unpacked(job.brotli));
  return job.map((entry) => ('posted' in entry ? receivedOf(entry) : entry));
}

/**
 * JSON text, in pieces that stand one after another. They are put together once, for the whole job: large
 * buffers are what the receiver's garbage collector has most to do with.
 */
export type Text = readonly Buffer[];

/** An entry of a job: a notification that the engine made up or read. */
export function receivedText(received: Received): Text {
  return [Buffer.from(JSON.stringify(received))];
}

/** An entry of a job: a notification whose text goes into it as it was posted. */
export function postedText({ receivedAtMs, body }: Posted): Text {
  return [Buffer.from(`{"receivedAtMs":${receivedAtMs},"posted":`), body, brace];
}

/** How many bytes a text has. */
export function sizeOf(text: Text): number {
  return text.reduce((sum, piece) => sum + piece.length, 0);
}

/** Whether so many bytes of entries are packed. */
export function isPacked(bytes: number): boolean {
  return bytes >= packedFromBytes;
}

/** A job with these entries: what it is called, and its data. */
export function jobOf(entries: readonly Text[]): {
  readonly name: string;
  readonly data: Buffer;
} {
  const pieces = entries.flatMap((entry) => [comma, ...entry]);
  const text = Buffer.concat([open, ...pieces.slice(1), close]);
  if (!isPacked(text.length)) return { name: arrivalsName, data: text };
  const brotli = brotliCompressSync(text, quickest).toString('base64');
  return { name: packedName, data: Buffer.from(`{"brotli":"${brotli}"}`, 'latin1') };
}

function unpacked(brotli: string): IntakeJob {
  return JSON.parse(brotliDecompressSync(Buffer.from(brotli, 'base64')).toString());
}

const brace = Buffer.from('}');
const open = Buffer.from('[');
const comma = Buffer.from(',');
const close = Buffer.from(']');

function receivedOf({ receivedAtMs, posted }: PostedEntry): Received {
  return { source: sourceOf(posted), receivedAtMs, notification: notificationOf(posted) };
}
