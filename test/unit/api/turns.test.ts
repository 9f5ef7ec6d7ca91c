import { setImmediate as soon } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createTurns } from '../../../src/api/turns.js';

test('others get on between two pieces of work, and a fault ends nothing but its own', async () => {
  const takeTurn = createTurns();
  const done: string[] = [];
  const others = (async () => {
    while (done.length < 3) {
      await soon();
      if (done.length > 0 && done.at(-1) !== 'other') done.push('other');
    }
  })();
  const first = takeTurn(() => done.push('first'));
  const failed = takeTurn(() => {
    throw new Error('broken');
  });
  const second = takeTurn(() => done.push('second'));
  await expect(failed).rejects.toThrow('broken');
  await Promise.all([first, second, others]);
  expect(done.slice(0, 3)).toEqual(['first', 'other', 'second']);
});
