import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/ledger/ledger.js';
import { type SlackBench, startSlackBench } from '../support/slack.js';

/* A message is posted once, whenever the messenger dies and whatever Slack does not answer. */

let bench: SlackBench;
beforeEach(async () => {
  bench = await startSlackBench();
});
afterEach(() => bench.stop());

/** A messenger that dies when it is about to record that a message was posted. */
function mortal(sign: string) {
  const ledger: Ledger = {
    ...bench.ledger,
    async commit(transaction) {
      if (JSON.stringify(transaction).includes(sign)) throw new Error('killed');
      return bench.ledger.commit(transaction);
    },
  };
  return bench.messenger({ ledger });
}

/** The end of all leases, which Redis measures by its own clock. */
async function leasesPass(): Promise<void> {
  const { redis } = bench.ledger;
  const leases = await redis.keys(`${bench.ledger.keys.schedule.split(':')[0]}:*:messenger`);
  if (leases.length > 0) await redis.del(...leases);
  await bench.pass(40_000);
}

/** One message to the channel, so that the id of its name is known. */
async function channelIsKnown(): Promise<void> {
  await bench.open({ title: 'Before: all this' });
  await bench.pass(5_000);
  expect(bench.roots()).toHaveLength(1);
}

const recorded = '\\"root\\":{';

describe('a crash between a post and its record', () => {
  test('posts the message of an escalation once', async () => {
    await channelIsKnown();
    const id = await bench.open();
    await expect(mortal(recorded).bringUpToDate(id)).rejects.toThrow('killed');
    expect(bench.roots()).toHaveLength(2);
    await leasesPass();
    expect(bench.roots()).toHaveLength(2);
    expect((await bench.read(id)).posted?.ts).toBe(bench.roots()[1]?.ts);
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('posts the first message to a channel once, though only the name of that is known', async () => {
    const id = await bench.open();
    await expect(mortal(recorded).bringUpToDate(id)).rejects.toThrow('killed');
    await bench.ledger.redis.del(bench.ledger.keys.channelIds);
    await leasesPass();
    expect(bench.roots()).toHaveLength(1);
    expect((await bench.read(id)).posted?.ts).toBe(bench.roots()[0]?.ts);
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('posts an approval to its thread once', async () => {
    const id = await bench.open({ group: 'g', kind: 'approval', reason: 'approval' });
    const messenger = mortal('\\"posted\\":{');
    await expect(bench.pass(5_000, messenger)).rejects.toThrow('killed');
    expect(bench.replies()).toHaveLength(1);
    await leasesPass();
    expect(bench.replies()).toHaveLength(1);
    expect((await bench.read(id)).posted?.ts).toBe(bench.replies()[0]?.ts);
  });

  test('posts what happened once', async () => {
    const id = await bench.open({ group: 'g' });
    await bench.pass(5_000);
    await bench.answer(id, 'ack');
    await expect(bench.pass(5_000, mortal('"told"'))).rejects.toThrow('killed');
    expect(bench.replies()).toHaveLength(1);
    await leasesPass();
    expect(bench.replies()).toHaveLength(1);
  });

  test('posts it again where the app may not look: rather two than none', async () => {
    await bench.stop();
    bench = await startSlackBench({ scopes: ['chat:write'] });
    await channelIsKnown();
    const id = await bench.open();
    await expect(mortal(recorded).bringUpToDate(id)).rejects.toThrow('killed');
    await leasesPass();
    expect(bench.roots()).toHaveLength(3);
    expect(bench.logged.map(({ msg }) => msg)).toContain('delivery of a message unknown');
    // whichever is clicked, the same thing is decided, once
    expect(bench.buttons(1).map(({ value }) => value)).toEqual(
      bench.buttons(2).map(({ value }) => value),
    );
  });
});

test('an answer of Slack that was lost posts nothing twice', async () => {
  await channelIsKnown();
  await bench.open();
  bench.sim.failNext({ method: 'chat.postMessage', hangMs: 0, afterApplying: true });
  await bench.pass(60_000);
  expect(bench.roots()).toHaveLength(2);
  expect(bench.sim.calls.filter((method) => method === 'chat.postMessage')).toHaveLength(2);
  expect(bench.sim.calls).toContain('conversations.history');
});

test('an answer of Slack to the first message to a channel that was lost posts nothing twice', async () => {
  await bench.open();
  bench.sim.failNext({ method: 'chat.postMessage', hangMs: 0, afterApplying: true });
  await bench.pass(60_000);
  expect(bench.roots()).toHaveLength(1);
  expect(bench.sim.calls).toContain('users.conversations');
});

test('a post that Slack never took is posted after it was looked for', async () => {
  await channelIsKnown();
  await bench.open();
  bench.sim.failNext({ method: 'chat.postMessage', hangMs: 0 });
  await bench.pass(60_000);
  expect(bench.roots()).toHaveLength(2);
  expect(bench.sim.calls).toContain('conversations.history');
});
