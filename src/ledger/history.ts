import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Ledger } from './ledger.js';

/**
 * How much text is packed into one block. A notification that repeats costs a few bytes where an
 * earlier one is in the same block, so blocks are large and new lines wait for company.
 */
const blockBytes = 4 * 1024 * 1024;
const readConcurrency = 50;
/** How many lines may wait to be packed; more come only where packing fails. */
const maxWaiting = 100_000;
const trimBatchSize = 100;
/** How often it is looked whether there is enough for a block. One worker does it a round. */
export const packEveryMs = 5_000;
const leaseMs = packEveryMs - 500;

/** Quality 5 packs as small as the slower ones; the window spans the whole block. */
const brotli = {
  [constants.BROTLI_PARAM_QUALITY]: 5,
  [constants.BROTLI_PARAM_LGWIN]: 22,
};
const compress = promisify(brotliCompress);

/** What was received, in Redis: new lines in a stream, older ones in compressed blocks. */
export type History = ReturnType<typeof createHistory>;

/** Every method throws what ioredis throws. */
export function createHistory({ redis, keys }: Pick<Ledger, 'redis' | 'keys'>) {
  const name = randomUUID();

  /** Appends a line, which holds no line break. */
  async function append(line: string): Promise<void> {
    await redis.xadd(keys.history, 'MAXLEN', '~', maxWaiting, '*', 'line', line);
  }

  /** Packs what has come together into blocks, unless another worker does. */
  async function pack(atLeastBytes = blockBytes): Promise<void> {
    if ((await redis.set(keys.historyPacker, name, 'PX', leaseMs, 'NX')) === null) return;
    while (((await redis.memory('USAGE', keys.history)) ?? 0) >= atLeastBytes) {
      if (!(await packBlock())) return;
    }
  }

  /**
   * The block first, then the lines go: after a crash in between, the block says where to begin. Its
   * id is that of its last line.
   */
  async function packBlock(): Promise<boolean> {
    const [last] = await redis.xrevrange(keys.historyBlocks, '+', '-', 'COUNT', 1);
    let id = last?.[0] ?? '0-0';
    const lines: string[] = [];
    // one first: a line may be as large as a notification, and no more than a block is read at a time
    for (let bytes = 0, count = 1; bytes < blockBytes; ) {
      const found = await redis.xrange(keys.history, `(${id}`, '+', 'COUNT', count);
      for (const [, [, line = '']] of found) {
        lines.push(line);
        bytes += line.length;
      }
      id = found.at(-1)?.[0] ?? id;
      if (found.length < count) break;
      const fitting = Math.ceil(((blockBytes - bytes) * lines.length) / Math.max(bytes, 1));
      count = Math.min(Math.max(fitting, 1), 2 * count, readConcurrency);
    }
    if (lines.length > 0) {
      const block = await compress(`${lines.join('\n')}\n`, { params: brotli });
      await redis.xadd(keys.historyBlocks, id, 'lines', block);
    }
    return (await redis.xtrim(keys.history, 'MINID', after(id))) > 0;
  }

  /** Removes what was taken in before `beforeMs`, as Redis' clock had it. */
  async function trim(beforeMs: number): Promise<void> {
    for (const stream of [keys.historyBlocks, keys.history]) {
      while (
        (await redis.xtrim(stream, 'MINID', '~', beforeMs, 'LIMIT', trimBatchSize)) ===
        trimBatchSize
      );
      await redis.xtrim(stream, 'MINID', beforeMs);
    }
  }

  return { append, pack, trim };
}

/** The next id of a stream. */
function after(id: string): string {
  const [ms, count] = id.split('-');
  return `${ms}-${Number(count) + 1}`;
}
