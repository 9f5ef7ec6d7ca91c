import { afterEach, expect, test, vi } from 'vitest';
import { createHandOver } from '../../../src/app/hand-over.js';

afterEach(() => {
  vi.useRealTimers();
});

test('the thread says whether notifications are in the ledger', async () => {
  const { take } = createHandOver({ take: async (data) => data === 'taken' });
  expect(await take('taken')).toBe(true);
  expect(await take('refused')).toBe(false);
});

test('a thread that does not answer has not taken them, and is left alone for a moment', async () => {
  vi.useFakeTimers();
  const thread = { take: vi.fn(() => Promise.reject(new Error('no answer within 0.1 s'))) };
  const { take } = createHandOver(thread);
  expect(await take('any')).toBe(false);
  expect(await take('any')).toBe(false);
  expect(thread.take).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(2_000);
  expect(await take('any')).toBe(false);
  expect(thread.take).toHaveBeenCalledTimes(2);
});

test('one is handed over at a time', async () => {
  let answer = (_taken: boolean) => {};
  const thread = {
    take: vi.fn(
      () =>
        new Promise<boolean>((resolve) => {
          answer = resolve;
        }),
    ),
  };
  const { take } = createHandOver(thread);
  const first = take('first');
  expect(await take('second')).toBe(false);
  answer(true);
  expect(await first).toBe(true);
  void take('third');
  expect(thread.take.mock.calls).toEqual([['first'], ['third']]);
});
