import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { compareIds } from './compare-ids.js';
import type { Ledger } from './ledger.js';
import { executed } from './pipeline.js';

const lineBatchSize = 100;
const decompress = promisify(brotliDecompress);

type Blocks = [id: Buffer, fields: Buffer[]][];
type Entries = [id: string, fields: string[]][];

/**
 * Reads the history up to this moment, some lines at a time, oldest first: the order in which they
 * were taken in. What was taken in before `sinceMs` may come along. Throws what ioredis throws.
 */
export async function* readHistory(
  { redis, keys }: Pick<Ledger, 'redis' | 'keys'>,
  sinceMs = 0,
): AsyncGenerator<readonly string[]> {
  const end = await lastId(keys.history, keys.historyBlocks);
  let block = `${sinceMs}-0`;
  // lines that are read while they are new come again in a block that was packed meanwhile
  let newest = '-';
  let readBefore = 0;
  while (newest === '-' || compareIds(newest, end) < 0) {
    // in this order: what is packed between the two is found in a block
    const [found, packed] = (await executed(
      redis
        .pipeline()
        .xrange(keys.history, newest === '-' ? '-' : `(${newest}`, '+', 'COUNT', lineBatchSize)
        .xrangeBuffer(keys.historyBlocks, block, '+', 'COUNT', 1),
    )) as [Entries, Blocks];
    const [next] = packed;
    if (next !== undefined) {
      const [id, [, content = Buffer.alloc(0)]] = next;
      const text = (await decompress(content)).toString();
      yield text.split('\n').slice(readBefore, -1);
      newest = id.toString();
      block = `(${newest}`;
      readBefore = 0;
    } else {
      const last = found.at(-1)?.[0];
      if (last === undefined) return;
      yield found.map(([, [, line = '']]) => line);
      newest = last;
      readBefore += found.length;
    }
  }

  async function lastId(...streams: string[]): Promise<string> {
    const pipeline = redis.pipeline();
    for (const stream of streams) pipeline.xrevrange(stream, '+', '-', 'COUNT', 1);
    const ids = ((await executed(pipeline)) as Entries[]).map(([last]) => last?.[0] ?? '0-0');
    return ids.reduce((a, b) => (compareIds(a, b) < 0 ? b : a));
  }
}
