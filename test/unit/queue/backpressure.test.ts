import type { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createBackpressure } from '../../../src/queue/backpressure.js';

test('a bound is lifted when there is room again, also when the clock was set back', async () => {
  let passedMs = 0;
  onTestFinished(() => void vi.restoreAllMocks());
  vi.spyOn(performance, 'now').mockImplementation(() => passedMs);
  vi.spyOn(Date, 'now').mockImplementation(() => 1_000_000 - passedMs);
  let waiting = 5_000;
  const redis = { jidokaLookAtQueue: async () => waiting } as unknown as Redis;
  const room = createBackpressure({ redis, keyOf: (name) => name, maxBytes: 5_000 });
  room.note(5_000);
  expect(await room.hasRoom()).toBe(false);
  waiting = 0;
  passedMs = 1_000;
  expect(await room.hasRoom()).toBe(true);
});
