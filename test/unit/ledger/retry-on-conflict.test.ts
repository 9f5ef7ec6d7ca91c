import { expect, test, vi } from 'vitest';
import { conflict, retryOnConflict } from '../../../src/ledger/retry-on-conflict.js';

test('repeats an attempt until it meets no conflict', async () => {
  const attempt = vi.fn(async (conflicts: number) =>
    conflicts < 2 ? conflict : `after ${conflicts}`,
  );
  expect(await retryOnConflict('episode e1', attempt)).toBe('after 2');
  expect(attempt).toHaveBeenCalledTimes(3);
});

test.each([null, undefined, false])('takes %s for a result', async (result) => {
  expect(await retryOnConflict('episode e1', async () => result)).toBe(result);
});

test('gives up after 20 attempts, and names what it could not change', async () => {
  const attempt = vi.fn(async () => conflict);
  await expect(retryOnConflict('episode e1', attempt)).rejects.toThrow(
    'episode e1: it changed during each of 20 attempts',
  );
  expect(attempt).toHaveBeenCalledTimes(20);
});

test('keeps to a limit of its own, and gives back what is meant for then', async () => {
  const attempt = vi.fn(async (): Promise<string | typeof conflict> => conflict);
  const giveUp = () => 'later';
  expect(await retryOnConflict('episode e1', attempt, { maxAttempts: 3, giveUp })).toBe('later');
  expect(attempt).toHaveBeenCalledTimes(3);
});

test('does not repeat an attempt that fails', async () => {
  const attempt = vi.fn(async () => Promise.reject(new Error('Redis is gone')));
  await expect(retryOnConflict('episode e1', attempt)).rejects.toThrow('Redis is gone');
  expect(attempt).toHaveBeenCalledTimes(1);
});
