import { describe, expect, test } from 'vitest';
import type { Received } from '../../src/alertmanager/received.js';
import type { ReceiverParts } from '../../src/api/receiver.js';
import { startReceiver } from '../support/receiver.js';

/* What Jenkins' callers and docker-scaler's may ask for, and what they are answered. */

function start(overrides: Partial<ReceiverParts> = { webhookToken: 'DevOps22' }) {
  const received: Received[] = [];
  const { receiver, ledger, redis } = startReceiver({
    enqueue: async (one) => void received.push(one),
    ...overrides,
  });
  /** The labels of what was put into the queue, one command each. */
  const labels = () => received.map(({ notification }) => notification.commonLabels);
  return { receiver, ledger, redis, received, labels };
}

const resolved = JSON.stringify({ version: '4', status: 'resolved', alerts: [] });
const post = { method: 'POST' };

describe('a Jenkins job', () => {
  test.each(['', '/jenkins', '/ci/job/folder'])(
    'under the prefix "%s" becomes a command',
    async (prefix) => {
      const { receiver, labels } = start();
      const path = `${prefix}/job/service-scale/buildWithParameters?token=DevOps22&service=web&scale=-1`;
      const answer = await receiver.request(path, post);
      expect(answer.status).toBe(201);
      expect(answer.headers.get('location')).toBe(`http://localhost${prefix}/queue/item/1/`);
      expect(labels()).toEqual([
        { alertname: 'service-scale', command: 'jenkins', service: 'web', scale: '-1' },
      ]);
    },
  );

  test('takes GET, and parameters of a form, too', async () => {
    const { receiver, labels } = start();
    await receiver.request('/job/a/buildWithParameters?token=DevOps22&scale=1');
    await receiver.request('/job/b/buildWithParameters', {
      method: 'POST',
      body: new URLSearchParams({ token: 'DevOps22', service: 'web', cause: 'by hand' }),
    });
    expect(labels()).toEqual([
      { alertname: 'a', command: 'jenkins', scale: '1' },
      { alertname: 'b', command: 'jenkins', service: 'web' },
    ]);
  });

  test('cannot call itself another one by its parameters', async () => {
    const { receiver, labels } = start();
    const path =
      '/job/harmless/buildWithParameters?token=DevOps22&alertname=service-scale&command=other';
    await receiver.request(path, post);
    expect(labels()).toEqual([{ alertname: 'harmless', command: 'jenkins' }]);
  });

  test.each([
    ['with a wrong token', '?token=wrong&service=web'],
    ['without a token', '?service=web'],
  ])('%s is refused with 403, and nothing is queued', async (_, query) => {
    const { receiver, received } = start();
    const answer = await receiver.request(`/job/service-scale/buildWithParameters${query}`, post);
    expect(answer.status).toBe(403);
    expect(received).toEqual([]);
  });

  test('is refused to a web page where there is no token', async () => {
    const { receiver, received } = start({ webhookToken: undefined });
    const path = '/job/service-scale/buildWithParameters?service=web';
    const headers = { 'sec-fetch-site': 'cross-site' };
    expect((await receiver.request(path, { ...post, headers })).status).toBe(403);
    expect((await receiver.request(path, { ...post, headers: { origin: 'null' } })).status).toBe(
      403,
    );
    // a picture of a page; over plain HTTP no browser says where it comes from
    expect((await receiver.request(path)).status).toBe(403);
    expect(received).toEqual([]);
    expect((await receiver.request(path, post)).status).toBe(201);
    expect(received).toHaveLength(1);
  });

  test('is answered where it is queued, whatever letters its prefix has', async () => {
    const { receiver, received } = start();
    const path = '/%E6%97%A5/job/a/buildWithParameters?token=DevOps22';
    const answer = await receiver.request(path, post);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('http://localhost/%E6%97%A5/queue/item/1/');
    expect(received).toHaveLength(1);
  });

  test('is refused without its body being read, where that is no form and there is no token', async () => {
    const { receiver, received } = start();
    const body = new ReadableStream({ pull: () => Promise.reject(new Error('it was read')) });
    const path = '/job/a/buildWithParameters?service=web';
    const answer = await receiver.request(path, { ...post, body, duplex: 'half' } as RequestInit);
    expect(answer.status).toBe(403);
    expect(received).toEqual([]);
  });

  test('takes no form larger than Jenkins does, since its token stands in it', async () => {
    const { receiver, received } = start();
    const answer = await receiver.request('/job/a/buildWithParameters', {
      ...post,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'a&'.repeat(150_000),
    });
    expect(answer.status).toBe(413);
    expect(received).toEqual([]);
  });

  test('takes parameters by the names that objects have of themselves', async () => {
    const { receiver, labels } = start();
    const path = '/job/a/buildWithParameters?token=DevOps22&__proto__=x&constructor=y';
    expect((await receiver.request(path, post)).status).toBe(201);
    expect(JSON.parse(JSON.stringify(labels()))).toEqual([
      JSON.parse('{"__proto__":"x","constructor":"y","alertname":"a","command":"jenkins"}'),
    ]);
  });

  test('leaves nothing in Redis that stays for ever', async () => {
    const { receiver, redis, ledger } = start();
    await receiver.request('/job/a/buildWithParameters?token=DevOps22', post);
    expect(await redis.pttl(ledger.keys.command(1))).toBeGreaterThan(0);
  });

  test('is not started by the news that its alerts have resolved', async () => {
    const { receiver, received } = start();
    const path = '/job/service-scale/buildWithParameters?token=DevOps22&service=web&scale=1';
    const answer = await receiver.request(path, { ...post, body: resolved });
    expect(answer.status).toBe(200);
    expect(received).toEqual([]);
  });

  test('is answered with 503 while it cannot be stored', async () => {
    const enqueue = () => Promise.reject(new Error('away'));
    const { receiver } = start({ enqueue, webhookToken: 'DevOps22' });
    const path = '/job/service-scale/buildWithParameters?token=DevOps22&service=web';
    expect((await receiver.request(path, post)).status).toBe(503);
  });

  test('waits in the queue until it is looked at, and is nobody else’s item', async () => {
    const { receiver } = start();
    await receiver.request('/ci/job/a/buildWithParameters?token=DevOps22', post);
    const look = async (path: string) => {
      const answer = await receiver.request(`${path}?token=DevOps22`);
      return { code: answer.status, body: await answer.json() };
    };
    expect(await look('/ci/queue/item/1/api/json')).toMatchObject({
      code: 200,
      body: { id: 1, task: { name: 'a', url: 'http://localhost/ci/job/a/' }, cancelled: false },
    });
    expect((await look('/queue/item/2/api/json')).code).toBe(404);
    expect((await look('/job/b/1/api/json')).code).toBe(404);
    expect((await receiver.request('/queue/item/1/api/json')).status).toBe(403);
  });

  test('is refused with too much in its parameters', async () => {
    const { receiver, received } = start();
    const path = `/job/a/buildWithParameters?token=DevOps22&service=${'x'.repeat(1_001)}`;
    expect((await receiver.request(path, post)).status).toBe(400);
    expect(received).toEqual([]);
  });
});

describe('docker-scaler', () => {
  /** Nothing is known of what was taken, so that no answer waits for what becomes of it. */
  function startDone() {
    const enqueue = async (one: Received) => {
      parts.received.push(one);
      await parts.redis.del(parts.ledger.keys.command(one.commandNumber ?? 0));
    };
    const parts = start({ webhookToken: undefined, enqueue });
    const call = async (path: string, body?: unknown) => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const pending = parts.receiver.request(`/v1/${path}`, { ...post, body: text });
      const answer = await pending;
      return {
        code: answer.status,
        body: (await answer.json()) as { status: string; message: string },
      };
    };
    return { ...parts, call };
  }

  test.each([
    ['the query', '?service=web&scale=up&by=5', undefined],
    ['groupLabels', '', { groupLabels: { service: 'web', scale: 'up', by: 5 } }],
    ['texts in commonLabels', '', { commonLabels: { service: 'web', scale: 'up', by: '5' } }],
    [
      'its alerts',
      '',
      {
        status: 'firing',
        groupLabels: {},
        alerts: [
          { status: 'firing', labels: { service: 'web', scale: 'up', by: '5', pod: 'a' } },
          { status: 'firing', labels: { service: 'web', scale: 'up', by: '5', pod: 'b' } },
          { status: 'resolved', labels: { service: 'api', scale: 'up' } },
        ],
      },
    ],
  ])(
    'takes what is to be scaled from %s',
    async (_, query, body) => {
      const { call, labels } = startDone();
      await call(`scale-service${query}`, body);
      const about = { service: 'web', scale: 'up', by: '5' };
      expect(labels()).toEqual([
        { alertname: 'scale-service', command: 'docker-scaler', ...about },
      ]);
    },
    20_000,
  );

  test.each([
    ['no service', 'scale-service?scale=up', undefined, /^service: expected/],
    ['another direction', 'scale-service?service=web&scale=no', undefined, /^scale: expected/],
    ['another kind of node', 'scale-nodes?scale=up&type=spare', undefined, /^type: expected/],
    ['no JSON', 'scale-service', '{', /^body: expected JSON/],
    ['no service to reschedule', 'reschedule-service', undefined, /^service: expected/],
  ])('says what is wrong with %s', async (_, path, body, message) => {
    const { call, received } = startDone();
    expect(await call(path, body)).toEqual({
      code: 400,
      body: { status: 'NOK', message: expect.stringMatching(message) },
    });
    expect(received).toEqual([]);
  });

  test('does nothing at the news that alerts have resolved', async () => {
    const { call, received } = startDone();
    expect(await call('scale-service?service=web&scale=up', resolved)).toMatchObject({
      code: 200,
      body: { status: 'OK' },
    });
    expect(received).toEqual([]);
  });

  test('is told that its call was taken, though what became of it cannot be read', async () => {
    const received: Received[] = [];
    const parts = start({
      webhookToken: undefined,
      enqueue: async (one) => {
        received.push(one);
        // of another kind than what is read there
        await parts.redis.set(parts.ledger.keys.command(one.commandNumber ?? 0), 'a text');
      },
    });
    const path = '/v1/scale-service?service=web&scale=up';
    const answer = await parts.receiver.request(path, post);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { status: 'OK', message: 'accepted' },
    ]);
    expect(received).toHaveLength(1);
  });

  test('takes a group of any size, and tells of some of it', async () => {
    const { call, received } = startDone();
    const alerts = Array.from({ length: 120 }, (_, index) => ({
      status: 'firing',
      labels: { service: `service-${index}`, scale: 'up' },
    }));
    const { code, body } = await call('scale-service', { status: 'firing', alerts });
    expect([code, body.status]).toEqual([200, 'OK']);
    expect(body.message).toMatch(/; 70 more accepted$/);
    expect(received).toHaveLength(120);
  });

  test('answers a ping, and nobody without the token', async () => {
    const { receiver, received } = start();
    expect((await receiver.request('/v1/ping')).status).toBe(200);
    const answer = await receiver.request('/v1/scale-service?service=web&scale=up', post);
    expect([answer.status, await answer.json()]).toMatchObject([403, { status: 'NOK' }]);
    expect(received).toEqual([]);
  });
});
