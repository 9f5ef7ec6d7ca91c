import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Received } from '../../src/alertmanager/received.js';
import { createRecorder } from '../../src/engine/reports/recorder.js';
import { createHistory } from '../../src/ledger/history.js';
import { readHistory } from '../../src/ledger/history-lines.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { createLibrary } from '../../src/playbook/library.js';
import { defaultPolicy } from '../../src/playbook/policy.js';
import { usePart } from '../support/parts.js';
import { startReceiver } from '../support/receiver.js';

const minute = 60_000;
const atMs = Date.parse('2026-01-31T08:00:00Z');
let redis: Redis;
let ledger: Ledger;

beforeEach(() => {
  redis = new Redis(usePart('redis').url);
  ledger = createLedger({ redis, cell: `test-${randomUUID()}` });
});
afterEach(async () => {
  const { history, historyBlocks, historyPacker } = ledger.keys;
  await redis.del(history, historyBlocks, historyPacker);
  await redis.quit();
});

/** A notification of one alert about a service, so many minutes after the beginning. */
function received(service: string, atMinute = 0): Received {
  return {
    source: 'alertmanager',
    receivedAtMs: atMs + atMinute * minute,
    notification: {
      groupKey: 'group',
      receiver: 'jidoka',
      status: 'firing',
      truncatedAlerts: 0,
      externalUrl: 'http://alertmanager.example',
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      alerts: [{ status: 'firing', labels: { alertname: 'Slow', service } }],
    },
  };
}

function startRecorder({
  keepMs = 30 * 24 * 60 * minute,
  nowMs = Date.now(),
  history = createHistory(ledger),
} = {}) {
  const metrics = createMetrics();
  const policy = { ...defaultPolicy, history: { keepMs } };
  const recorder = createRecorder({
    history,
    active: () => ({ library: createLibrary([]), policy, hash: '' }),
    clock: { now: () => nowMs },
    metrics,
    log: createLogger('silent'),
  });
  return { recorder, metrics };
}

/** What the webhook does with a notification, where the engine has nothing to do. */
async function record(...all: Received[]): Promise<void> {
  const take = startRecorder().recorder.recording(async () => {}, 'webhook');
  for (const one of all) await take([one]);
  await redis.ping();
}

/** One round of a worker, as if the one before were over; what is there is enough for a block. */
async function pack(by: Pick<Ledger, 'redis' | 'keys'> = ledger): Promise<void> {
  await redis.del(ledger.keys.historyPacker);
  await createHistory(by).pack(1);
}

async function services(sinceMs?: number): Promise<string[]> {
  const found: string[] = [];
  for await (const lines of readHistory(ledger, sinceMs)) {
    found.push(...lines.map((line) => JSON.parse(line).notification.alerts[0].labels.service));
  }
  return found;
}

describe('the record', () => {
  test('holds what was taken in, in its order, packed or not', async () => {
    await record(received('a'), received('b'));
    await pack();
    await record(received('c'));
    await pack();
    await record(received('d'), received('e'));
    expect(await services()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await redis.xlen(ledger.keys.historyBlocks)).toBe(2);
    expect(await redis.xlen(ledger.keys.history)).toBe(2);
  });

  test('keeps no alert waiting', async () => {
    const history = { ...createHistory(ledger), append: () => new Promise<never>(() => {}) };
    const taken: Received[] = [];
    const { recorder } = startRecorder({ history });
    void recorder.recording(async (all) => void taken.push(...all), 'webhook')([received('a')]);
    expect(taken).toHaveLength(1);
  });

  test('is made before the notification counts as taken in, and leaves the queue', async () => {
    const { recorder } = startRecorder();
    await recorder.recording(async () => {
      expect(await redis.xlen(ledger.keys.history)).toBe(0);
    }, 'webhook')([received('a')]);
    expect(await redis.xlen(ledger.keys.history)).toBe(1);
  });

  test('is made also of what could not be taken in', async () => {
    const { recorder } = startRecorder();
    const failing = recorder.recording(async () => {
      throw new Error('a fault of its own');
    }, 'webhook');
    await expect(failing([received('a')])).rejects.toThrow('a fault of its own');
    expect(await redis.xlen(ledger.keys.history)).toBe(1);
  });

  test('says how a notification came in, and keeps what the engine has to know again', async () => {
    const { recorder } = startRecorder();
    const take = recorder.recording(async () => {}, 'reconciliation');
    await take([{ ...received('a'), mutingUnseen: true }]);
    const [entry] = await redis.xrange(ledger.keys.history, '-', '+');
    expect(JSON.parse(entry?.[1][1] ?? '')).toMatchObject({
      received_at: '2026-01-31T08:00:00.000Z',
      source: 'alertmanager',
      via: 'reconciliation',
      muting_unseen: true,
      notification: { version: '4', groupKey: 'group', externalURL: 'http://alertmanager.example' },
    });
  });

  test('that cannot be written stops no alert, and is counted', async () => {
    await redis.set(ledger.keys.history, 'no stream');
    const { recorder, metrics } = startRecorder();
    const taken: Received[] = [];
    const take = recorder.recording(async (all) => void taken.push(...all), 'webhook');
    await take([received('a')]);
    await redis.ping();
    expect(taken).toHaveLength(1);
    expect((await metrics.unrecorded.get()).values[0]?.value).toBe(1);
  });

  test('is not kept where the policy keeps none, and what there was goes', async () => {
    await record(received('a'));
    await pack();
    await record(received('b'));
    const { recorder } = startRecorder({ keepMs: 0, nowMs: Date.now() + 1_000 });
    await recorder.recording(async () => {}, 'webhook')([received('c')]);
    expect(await services()).toEqual(['a', 'b']);
    await recorder.trim();
    expect(await services()).toEqual([]);
  });

  test('loses by its age only what is older than the policy keeps', async () => {
    const { keys } = ledger;
    for (const service of ['a', 'b', 'c']) {
      await record(received(service));
      await pack();
    }
    const ids = (await redis.xrange(keys.historyBlocks, '-', '+')).map(([id]) => id);
    await createHistory(ledger).trim(Number(ids[1]?.split('-')[0]));
    expect(await services()).not.toContain('a');
    expect(await services()).toEqual(expect.arrayContaining(['b', 'c']));
  });
});

describe('packing', () => {
  test('waits until there is enough for a block', async () => {
    await record(received('a'));
    await createHistory(ledger).pack();
    expect(await redis.xlen(ledger.keys.historyBlocks)).toBe(0);
  });

  test('is left to one worker at a time', async () => {
    await record(received('a'));
    await redis.set(ledger.keys.historyPacker, 'another', 'PX', 60_000);
    await createHistory(ledger).pack(1);
    expect(await redis.xlen(ledger.keys.historyBlocks)).toBe(0);
  });

  test('goes on after a crash between the block and what it replaces: nothing is lost or twice', async () => {
    await record(received('a'), received('b'));
    const cutOff = new Redis(usePart('redis').url);
    vi.spyOn(cutOff, 'xtrim').mockRejectedValue(new Error('crash'));
    await expect(pack(createLedger({ redis: cutOff, cell: cell() }))).rejects.toThrow('crash');
    cutOff.disconnect();
    expect(await redis.xlen(ledger.keys.history)).toBe(2);
    expect(await services()).toEqual(['a', 'b']);
    await record(received('c'));
    await pack();
    expect(await services()).toEqual(['a', 'b', 'c']);
    expect(await redis.xlen(ledger.keys.history)).toBe(0);
  });

  test('while somebody reads loses nothing and shows nothing twice', async () => {
    await record(...Array.from({ length: 150 }, (_, index) => received(`s${index}`)));
    const found: string[] = [];
    let round = 0;
    for await (const lines of readHistory(ledger)) {
      found.push(...lines.map((line) => JSON.parse(line).notification.alerts[0].labels.service));
      if (round === 0) await pack();
      round += 1;
    }
    expect(found).toEqual(Array.from({ length: 150 }, (_, index) => `s${index}`));
  });

  test('reads no more than about a block at a time, however large what was received is', async () => {
    const large = 'x'.repeat(1024 * 1024);
    for (let index = 0; index < 12; index += 1) {
      const one = received(`s${index}`);
      await record({ ...one, notification: { ...one.notification, groupKey: large } });
    }
    const read = vi.spyOn(redis, 'xrange');
    await pack();
    const answers = await Promise.all(read.mock.results.map(({ value }) => value));
    const sizes = answers.map((found) => JSON.stringify(found).length);
    expect(Math.max(...sizes)).toBeLessThan(5 * 1024 * 1024);
    expect(await services()).toHaveLength(12);
    expect(await redis.xlen(ledger.keys.history)).toBe(0);
  });

  test('makes a repeating notification nearly free', async () => {
    const one = JSON.stringify(received('a')).length;
    await record(...Array.from({ length: 2_000 }, (_, index) => received('a', index)));
    await pack();
    const [block] = await redis.xrangeBuffer(ledger.keys.historyBlocks, '-', '+');
    expect(block?.[1][1]?.length).toBeLessThan((2_000 * one) / 20);
  });

  function cell(): string {
    return /\{(.+)\}/.exec(ledger.keys.history)?.[1] ?? '';
  }
});

describe('GET /api/v1/history', () => {
  function start() {
    const api = startReceiver();
    ledger = api.ledger;
    const get = (query = '', headers: Record<string, string> = {}) =>
      api.receiver.request(`/api/v1/history${query}`, {
        headers: { authorization: 'Bearer a-token', ...headers },
      });
    return { ...api, get };
  }

  test('gives a line of JSON for each notification received in a time', async () => {
    const { get } = start();
    await record(received('a', 0), received('b', 1));
    await pack();
    await record(received('c', 2), received('d', 3));
    const answer = await get('?since=2026-01-31T08:01:00Z&until=2026-01-31T08:02:00Z');
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await answer.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).received_at)).toEqual([
      '2026-01-31T08:01:00.000Z',
      '2026-01-31T08:02:00.000Z',
    ]);
    expect((await (await get()).text()).trimEnd().split('\n')).toHaveLength(4);
  });

  test('is for operators only, and names a parameter that is at fault', async () => {
    const { get } = start();
    expect((await get('', { authorization: 'Bearer another' })).status).toBe(401);
    const wrong = await get('?since=yesterday');
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toEqual({
      path: 'since',
      error: expect.stringContaining('2026-01-31T08:00:00Z'),
    });
  });

  test('reads no further than it is read', async () => {
    const { get } = start();
    for (let block = 0; block < 5; block += 1) {
      await record(received(`s${block}`));
      await pack();
    }
    const sent = vi.spyOn(Redis.prototype, 'pipeline');
    const reader = (await get()).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    expect(sent.mock.calls.length).toBeLessThan(5);
    sent.mockRestore();
  });

  test('has no answer, rather than an empty one, without Redis', async () => {
    const redis = new Redis({
      port: 1,
      lazyConnect: true,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    redis.on('error', () => {});
    const { receiver } = startReceiver({ redis });
    const headers = { authorization: 'Bearer a-token' };
    expect((await receiver.request('/api/v1/history', { headers })).status).toBe(503);
  });
});
