import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createGroupCommit, OverloadedError } from '../../../src/queue/group-commit.js';

/** A place to write to that a test holds open: what it was given, and what ends a write. */
function createStore() {
  const writes: (readonly string[])[] = [];
  const ends: { done(): void; fail(error: Error): void }[] = [];
  const write = (items: readonly string[]) => {
    writes.push(items);
    return new Promise<void>((done, fail) => ends.push({ done, fail }));
  };
  return {
    write,
    writes,
    async end(error?: Error): Promise<void> {
      const writing = ends.shift();
      if (error === undefined) writing?.done();
      else writing?.fail(error);
      await sleep(0);
    },
  };
}

const roomy = { maxItems: 100, maxBytes: 1_000, maxWaitingBytes: 10_000 };

/** What became of a promise so far. */
function watch(promise: Promise<void>) {
  const seen = { state: 'waits', error: undefined as unknown };
  promise.then(
    () => {
      seen.state = 'written';
    },
    (error: unknown) => {
      seen.state = 'failed';
      seen.error = error;
    },
  );
  return seen;
}

test('what comes while nothing is written is written at once, alone', () => {
  const store = createStore();
  const { put } = createGroupCommit({ ...roomy, write: store.write });
  void put('a', 1);
  expect(store.writes).toEqual([['a']]);
});

test('what comes during a write goes with the next, and each is done only when its own write is', async () => {
  const store = createStore();
  const { put } = createGroupCommit({ ...roomy, write: store.write });
  const seen = ['a', 'b', 'c'].map((item) => watch(put(item, 1)));
  expect(store.writes).toEqual([['a']]);
  await store.end();
  expect(store.writes).toEqual([['a'], ['b', 'c']]);
  expect(seen.map(({ state }) => state)).toEqual(['written', 'waits', 'waits']);
  await store.end();
  expect(seen.map(({ state }) => state)).toEqual(['written', 'written', 'written']);
  void put('d', 1);
  expect(store.writes.at(-1)).toEqual(['d']);
});

test('a write that fails fails each of its items, and those behind it, and the next is tried', async () => {
  const store = createStore();
  const { put } = createGroupCommit({ ...roomy, maxItems: 2, write: store.write });
  const first = watch(put('a', 1));
  await store.end();
  expect(first.state).toBe('written');
  const seen = ['b', 'c', 'd', 'e', 'f'].map((item) => watch(put(item, 1)));
  await store.end();
  expect(store.writes.at(-1)).toEqual(['c', 'd']);
  const gone = new Error('gone');
  await store.end(gone);
  expect(seen.map(({ state }) => state)).toEqual([
    'written',
    'failed',
    'failed',
    'failed',
    'failed',
  ]);
  expect(seen[4]?.error).toBe(gone);
  const later = watch(put('g', 1));
  expect(store.writes.at(-1)).toEqual(['g']);
  await store.end();
  expect(later.state).toBe('written');
});

test('a write takes so many items and bytes at most, save one item that is larger by itself', async () => {
  const store = createStore();
  const sizes = { maxItems: 3, maxBytes: 10, maxWaitingBytes: 1_000 };
  const { put } = createGroupCommit({ ...sizes, write: store.write });
  const items = { a: 1, b: 1, c: 1, d: 1, e: 1, f: 50, g: 9, h: 2 };
  for (const [item, bytes] of Object.entries(items)) void put(item, bytes);
  for (let count = 0; count < 6; count += 1) await store.end();
  expect(store.writes).toEqual([['a'], ['b', 'c', 'd'], ['e'], ['f'], ['g'], ['h']]);
});

test('beyond its bound it takes nothing more, until what waited is written', async () => {
  const store = createStore();
  const { put } = createGroupCommit({ ...roomy, maxWaitingBytes: 10, write: store.write });
  void put('being written', 100);
  const waits = watch(put('a', 6));
  await expect(put('b', 5)).rejects.toThrow(OverloadedError);
  void put('c', 4);
  await store.end();
  expect(store.writes.at(-1)).toEqual(['a', 'c']);
  void put('d', 5);
  await store.end();
  expect(waits.state).toBe('written');
  expect(store.writes.at(-1)).toEqual(['d']);
});

test('what is larger than all that may wait is taken when nothing does', async () => {
  const store = createStore();
  const { put } = createGroupCommit({ ...roomy, maxWaitingBytes: 10, write: store.write });
  void put('a', 1);
  void put('b', 100);
  await expect(put('c', 1)).rejects.toThrow(/^100 bytes/);
  await store.end();
  expect(store.writes.at(-1)).toEqual(['b']);
});
