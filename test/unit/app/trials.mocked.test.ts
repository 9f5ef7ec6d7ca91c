import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { createTrials } from '../../../src/app/trials.js';

const { start } = vi.hoisted(() => ({ start: vi.fn<() => void>() }));
vi.mock('node:worker_threads', () => ({
  Worker: class extends EventEmitter {
    constructor() {
      super();
      start();
      setImmediate(() => this.emit('message', 'It would have acted.'));
    }
    async terminate() {}
  },
}));

test('a trial for which the machine has no thread left says so, and the next is run', async () => {
  const trials = createTrials({ redisUrl: 'redis://nowhere', cell: 'cell' });
  const data = {} as Parameters<typeof trials.run>[0];
  start.mockImplementationOnce(() => {
    throw new Error('EAGAIN');
  });
  expect(await trials.run(data)).toMatch(/The backtest failed: EAGAIN.*Run jidoka backtest/);
  expect(await trials.run(data)).toBe('It would have acted.');
  await trials.stop();
});
