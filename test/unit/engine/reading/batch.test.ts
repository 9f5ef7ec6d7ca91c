import { expect, test } from 'vitest';
import { afterFirst } from '../../../../src/engine/reading/batch.js';

/** Takes part under one key; what is joined is `gone` once it is over. */
function start() {
  const firsts = new Map<string, Promise<string | null>>();
  const done: string[] = [];
  const gone = new Set<string>();
  const take = (name: string, made: () => Promise<string | null>) =>
    afterFirst<string, string | null>(firsts, 'key', {
      make: async () => {
        done.push(`${name} makes`);
        return made();
      },
      join: async (first) => {
        done.push(`${name} joins ${first}`);
        return gone.has(first) ? null : first;
      },
      outcome: (outcome) => outcome,
    });
  return { take, done, gone };
}

test('the first makes it, and the others wait for that and join', async () => {
  const { take, done } = start();
  const all = ['a', 'b', 'c'].map((name) => take(name, async () => `what ${name} made`));
  expect(await Promise.all(all)).toEqual(['what a made', 'what a made', 'what a made']);
  expect(done).toEqual(['a makes', 'b joins what a made', 'c joins what a made']);
});

test('a first that fails is told, and leaves it to each of the others', async () => {
  const { take, done } = start();
  const first = take('a', async () => {
    throw new Error('away');
  });
  const second = take('b', async () => 'what b made');
  await expect(first).rejects.toThrow('away');
  expect(await second).toBe('what b made');
  expect(done).toEqual(['a makes', 'b makes']);
});

test('what is over cannot be joined, and the next one is the first', async () => {
  const { take, done, gone } = start();
  await take('a', async () => 'what a made');
  gone.add('what a made');
  expect(await take('b', async () => 'what b made')).toBe(null);
  expect(await take('b', async () => 'what b made')).toBe('what b made');
  expect(await take('c', async () => 'what c made')).toBe('what b made');
  expect(done.slice(1)).toEqual(['b joins what a made', 'b makes', 'c joins what b made']);
});
