/** One request to Redis: its bytes as they came, and its arguments. */
export interface RedisRequest {
  readonly raw: Buffer;
  readonly args: readonly string[];
}

const newline = '\r\n';

/**
 * Takes a stream of requests apart, chunk by chunk: arrays of bulk strings, as all clients send them
 * (https://redis.io/docs/latest/develop/reference/protocol-spec/).
 */
export function createRequestReader(): (chunk: Buffer) => RedisRequest[] {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const requests: RedisRequest[] = [];
    for (let request = readOne(rest); request !== null; request = readOne(rest)) {
      requests.push(request);
      rest = rest.subarray(request.raw.length);
    }
    return requests;
  };
}

/** `null`: it is not all there yet. */
function readOne(bytes: Buffer): RedisRequest | null {
  const head = readLength(bytes, 0, '*');
  if (head === null) return null;
  const args: string[] = [];
  let { end } = head;
  for (let index = 0; index < head.length; index += 1) {
    const bulk = readLength(bytes, end, '$');
    if (bulk === null || bytes.length < bulk.end + bulk.length + newline.length) return null;
    args.push(bytes.toString('utf8', bulk.end, bulk.end + bulk.length));
    end = bulk.end + bulk.length + newline.length;
  }
  return { raw: bytes.subarray(0, end), args };
}

function readLength(
  bytes: Buffer,
  at: number,
  type: string,
): { readonly length: number; readonly end: number } | null {
  const lineEnd = bytes.indexOf(newline, at);
  if (lineEnd < 0) return null;
  const line = bytes.toString('latin1', at, lineEnd);
  if (!line.startsWith(type)) throw new Error(`expected ${type} and a length, got ${line}`);
  return { length: Number(line.slice(1)), end: lineEnd + newline.length };
}
