import { isAscii, isUtf8 } from 'node:buffer';
import { InputError } from '../errors.js';

const decoder = new TextDecoder();

/**
 * The bytes of a request's body; `null` as soon as there are more than `maxBytes`, without reading on.
 *
 * @throws what the connection throws when it breaks off.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer | null> {
  const announced = request.headers.get('content-length');
  if (Number(announced ?? 0) > maxBytes) return null;
  // Node lets no more than that through; a stream costs several times as much as all the rest of a request
  if (announced !== null) {
    const bytes = Buffer.from(await request.arrayBuffer());
    return bytes.byteLength > maxBytes ? null : bytes;
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/**
 * Reads JSON. Bytes that are no UTF-8 become replacement characters, because a broken letter in an
 * annotation is no reason to lose an alert.
 *
 * @throws InputError that says where the fault is, if that is known, and never quotes the text.
 */
export function parseJson(bytes: Buffer): unknown {
  // what Alertmanager posts is ASCII more often than not, and that is read several times as fast
  const text = isAscii(bytes) ? bytes.toString('latin1') : decoder.decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (text.trim() === '') throw new InputError('body: expected JSON, the body is empty', 'body');
    const position = positionIn(String(error), text);
    const where = position === undefined ? '' : `, found a fault at character ${position}`;
    throw new InputError(`body: expected JSON${where}`, 'body');
  }
}

/**
 * The same text as `parseJson` reads, in UTF-8 that no other worker has to repair: the very bytes, save those
 * of a text that is no UTF-8 or begins with a mark of its byte order.
 */
export function mendText(bytes: Buffer): Buffer {
  const hasMark = bytes[0] === 0xef;
  return isUtf8(bytes) && !hasMark ? bytes : Buffer.from(decoder.decode(bytes));
}

/** V8 names the position in most of its messages, and quotes the text in the others. */
function positionIn(message: string, text: string): number | undefined {
  if (message.includes('Unexpected end')) return text.length;
  const position = /JSON at position (\d+)/.exec(message)?.[1];
  return position === undefined ? undefined : Number(position);
}
