import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { createWaker } from '../../../../src/engine/schedule/waker.js';
import { createLogger } from '../../../../src/lib/logger.js';

const now = () => Date.now() - 1;

/** A waker, the queue behind it, and looks that a test lets end. */
function start({ max = 2 } = {}) {
  const queued: string[] = [];
  const begun: string[] = [];
  const ends = new Map<string, { done(): void; fail(error: Error): void }>();
  const byQueue = vi.fn(async (item: string) => void queued.push(item));
  const waker = createWaker({ enqueue: byQueue, max, log: createLogger('silent') });
  waker.open((item) => {
    begun.push(item);
    return new Promise<void>((done, fail) => ends.set(item, { done, fail }));
  });
  return {
    ...waker,
    queued,
    begun,
    byQueue,
    async end(item: string, error?: Error): Promise<void> {
      const looking = ends.get(item);
      if (error === undefined) looking?.done();
      else looking?.fail(error);
      await sleep(0);
    },
  };
}

describe('what is woken', () => {
  test('and due is looked at here at once, without a job', async () => {
    const { wake, begun, queued } = start();
    await wake('run:a', now());
    expect(begun).toEqual(['run:a']);
    expect(queued).toEqual([]);
  });

  test('goes by way of the queue where it is not due, or a message', async () => {
    const { wake, begun, queued } = start();
    await wake('run:a', Date.now() + 60_000);
    await wake('message:b', now());
    await wake('thread:c', now());
    expect(begun).toEqual([]);
    expect(queued).toEqual(['run:a', 'message:b', 'thread:c']);
  });

  test('beyond so many at a time goes by way of the queue', async () => {
    const { wake, begun, queued, end } = start({ max: 2 });
    for (const item of ['run:a', 'run:b', 'run:c'] as const) await wake(item, now());
    expect(begun).toEqual(['run:a', 'run:b']);
    expect(queued).toEqual(['run:c']);
    await end('run:a');
    await wake('run:d', now());
    expect(begun).toEqual(['run:a', 'run:b', 'run:d']);
  });

  test('anew while it is looked at is looked at once more, and not twice at a time', async () => {
    const { wake, begun, queued, end } = start();
    for (let count = 0; count < 3; count += 1) await wake('run:a', now());
    expect(begun).toEqual(['run:a']);
    expect(queued).toEqual([]);
    await end('run:a');
    expect(queued).toEqual(['run:a']);
    await wake('run:a', now());
    expect(begun).toEqual(['run:a', 'run:a']);
  });

  test('for later while it is looked at is not forgotten', async () => {
    const { wake, queued, end } = start();
    await wake('run:a', now());
    await wake('run:a', Date.now() + 60_000);
    expect(queued).toEqual(['run:a']);
    await end('run:a');
    expect(queued).toEqual(['run:a']);
  });

  test('and cannot be looked at becomes a job, which is tried again and reported', async () => {
    const { wake, queued, end } = start();
    await wake('run:a', now());
    await end('run:a', new Error('a fault'));
    expect(queued).toEqual(['run:a']);
  });

  test('and fails together with the queue is left to the sweep', async () => {
    const { wake, begun, byQueue, end } = start();
    byQueue.mockRejectedValueOnce(new Error('Redis is away'));
    await wake('run:a', now());
    await end('run:a', new Error('Redis is away'));
    await wake('run:a', now());
    expect(begun).toEqual(['run:a', 'run:a']);
  });
});

test('what is closed takes nothing more and waits for what it works on, but not for ever', async () => {
  const { wake, close, begun, queued, end } = start();
  await wake('run:a', now());
  let isClosed = false;
  const closed = close(60_000).then(() => {
    isClosed = true;
  });
  await wake('run:b', now());
  expect(queued).toEqual(['run:b']);
  await sleep(60);
  expect(isClosed).toBe(false);
  await end('run:a');
  await closed;

  const other = start();
  await other.wake('run:a', now());
  await other.close(30);
  expect(begun).toEqual(['run:a']);
});

test('before it is open everything goes by way of the queue', async () => {
  const queued: string[] = [];
  const wake = async (item: string) => void queued.push(item);
  const waker = createWaker({ enqueue: wake, log: createLogger('silent') });
  await waker.wake('run:a', now());
  expect(queued).toEqual(['run:a']);
});
