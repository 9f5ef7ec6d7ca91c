import { expect, test, vi } from 'vitest';
import { createHandOver } from '../../../src/app/hand-over.js';
import type { Ledger } from '../../../src/ledger/ledger.js';

function start(commit: () => Promise<unknown> = async () => ({ kind: 'committed' })) {
  const answers: (() => void)[] = [];
  const order: string[] = [];
  const ledger = {
    commit: async () => {
      const result = await commit();
      order.push('durable');
      return result;
    },
    keys: { agenda: 'agenda', arrived: (id: string) => `arrived:${id}` },
    newId: () => 'a',
  } as unknown as Ledger;
  const take = vi.fn((_id: string, _data: string) => {
    order.push('handed over');
    return new Promise<void>((resolve) => {
      answers.push(resolve);
    });
  });
  return { handOver: createHandOver({ ledger, thread: { take } }), take, answers, order };
}

test('notifications are handed over when they are durable, and not before', async () => {
  const { handOver, take, order } = start();
  await handOver.put('[]');
  expect(order).toEqual(['durable', 'handed over']);
  expect(take).toHaveBeenCalledWith('a', '[]');
});

test('two are in hand at most, until one is over', async () => {
  const { handOver, answers } = start();
  await handOver.put('[]');
  expect(handOver.isFree()).toBe(true);
  await handOver.put('[]');
  expect(handOver.isFree()).toBe(false);
  answers[0]?.();
  await vi.waitFor(() => expect(handOver.isFree()).toBe(true));
});

test('what Redis does not take is told, handed over to nobody, and takes no hand', async () => {
  const { handOver, take } = start(async () => {
    throw new Error('away');
  });
  for (let index = 0; index < 3; index += 1) {
    await expect(handOver.put('[]')).rejects.toThrow('away');
  }
  expect(take).not.toHaveBeenCalled();
  expect(handOver.isFree()).toBe(true);
});
