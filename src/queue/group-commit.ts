/** More waits than is kept: it has to come again. */
export class OverloadedError extends Error {
  override readonly name = 'OverloadedError';
}

interface Waiting<Item> {
  readonly item: Item;
  readonly bytes: number;
  written(): void;
  failed(error: unknown): void;
}

/**
 * Writes what arrives together in one go. Who comes while nothing is being written is written at once,
 * alone; who comes meanwhile goes with the next write. So no one waits for company, and the busier it
 * is, the fewer writes there are for each.
 *
 * @param options.write writes all or, when it throws, possibly some: the senders try again
 * @param options.maxItems how many go into one write at most
 * @param options.maxBytes how much goes into one write, save a single item that is larger
 * @param options.maxWaitingBytes how much may wait; what comes beyond that is refused
 */
export function createGroupCommit<Item>({
  write,
  maxItems,
  maxBytes,
  maxWaitingBytes,
}: {
  readonly write: (items: readonly Item[]) => Promise<void>;
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly maxWaitingBytes: number;
}) {
  let waiting: Waiting<Item>[] = [];
  let waitingBytes = 0;
  let isWriting = false;

  /**
   * Writes an item; done when it is written.
   *
   * @param bytes about how large it is
   * @throws what the write throws; an OverloadedError when too much waits, and then it is not written.
   */
  function put(item: Item, bytes: number): Promise<void> {
    // one that is larger than all that may wait is taken when nothing does
    if (waitingBytes > 0 && waitingBytes + bytes > maxWaitingBytes) {
      return Promise.reject(
        new OverloadedError(`${waitingBytes} bytes of notifications wait to be written already`),
      );
    }
    return new Promise((written, failed) => {
      waiting.push({ item, bytes, written, failed });
      waitingBytes += bytes;
      if (!isWriting) void writeAll();
    });
  }

  async function writeAll(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = next();
      try {
        await write(batch.map(({ item }) => item));
        for (const { written } of batch) written();
      } catch (error) {
        // those behind it would wait for the same, a Redis that hangs perhaps
        const behind = waiting;
        waiting = [];
        waitingBytes = 0;
        for (const { failed } of [...batch, ...behind]) failed(error);
      }
    }
    isWriting = false;
  }

  /** Takes what goes into the next write. */
  function next(): readonly Waiting<Item>[] {
    let count = 0;
    let bytes = 0;
    for (const one of waiting.slice(0, maxItems)) {
      if (count > 0 && bytes + one.bytes > maxBytes) break;
      bytes += one.bytes;
      count += 1;
    }
    waitingBytes -= bytes;
    return waiting.splice(0, count);
  }

  return { put };
}
