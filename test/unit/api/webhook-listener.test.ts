import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Posted } from '../../../src/alertmanager/received.js';
import type { TakeNotificationParts } from '../../../src/api/take-notification.js';
import { createWebhookListener } from '../../../src/api/webhook-listener.js';
import { createMetrics } from '../../../src/lib/metrics.js';
import { untilPasses } from '../../support/eventually.js';
import { createManualClock } from '../sim/manual-clock.js';

const path = '/webhooks/alertmanager';
const notification = {
  version: '4',
  groupKey: '{}',
  receiver: 'jidoka',
  status: 'firing',
  alerts: [{ summary: 'é 🚨' }, 'broken'],
};
const text = JSON.stringify(notification);

/** A server on loopback whose other requests are answered with 299. */
async function listen(overrides: Partial<TakeNotificationParts> = {}) {
  const queued: Posted[] = [];
  const logged: string[] = [];
  const metrics = createMetrics();
  const listener = createWebhookListener({
    enqueuePosted: async (posted) => void queued.push(posted),
    webhookToken: undefined,
    metrics,
    clock: createManualClock(),
    log: pino({}, { write: (line: string) => logged.push(line) }),
    others: (incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(299).end();
    },
    ...overrides,
  });
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const outcome = async (name: string) => {
    const { values } = await metrics.notifications.get();
    return values.find(({ labels }) => labels.outcome === name)?.value;
  };
  /** A connection over which some text was sent. */
  const send = (sent: string) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(sent);
    return socket;
  };
  return { url: `http://127.0.0.1:${port}`, send, queued, logged, outcome };
}

test('what Alertmanager posts is answered when the queue has it, byte for byte', async () => {
  let store = () => {};
  const stored = new Promise<void>((resolve) => {
    store = resolve;
  });
  const enqueuePosted = vi.fn((_: Posted) => stored);
  const { url, outcome } = await listen({ enqueuePosted });
  const answering = fetch(url + path, { method: 'POST', body: text });
  await untilPasses(() => expect(enqueuePosted).toHaveBeenCalled());
  const directIntake = await Promise.race([answering, sleep(50)]);
  expect(directIntake).toBeUndefined();
  store();
  const answer = await answering;
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual({ status: 'queued', alerts: 2 });
  expect(enqueuePosted.mock.calls[0]?.[0].body.toString()).toBe(text);
  expect(await outcome('accepted')).toBe(1);
});

test('a body that comes in pieces is put together, wherever it was cut', async () => {
  const { send, queued } = await listen();
  const body = Buffer.from(text);
  const socket = send(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n`);
  await once(socket, 'connect');
  for (const cut of [...body.entries()].map(([at]) => at).filter((at) => at % 20 === 0)) {
    socket.write(body.subarray(cut, cut + 20));
    await sleep(1);
  }
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 /);
  expect(queued.map((posted) => posted.body.toString())).toEqual([text]);
});

test.each([
  ['another path', `POST ${path}/more HTTP/1.1\r\ncontent-length: 2`],
  ['the path with a query', `POST ${path}?from=am HTTP/1.1\r\ncontent-length: 2`],
  ['another method', `PUT ${path} HTTP/1.1\r\ncontent-length: 2`],
  ['a length that nobody announced', `POST ${path} HTTP/1.1\r\ntransfer-encoding: chunked`],
  ['no body', `POST ${path} HTTP/1.1`],
  ['more than is taken', `POST ${path} HTTP/1.1\r\ncontent-length: ${32 * 1024 * 1024 + 1}`],
])('%s goes to the others', async (_, head) => {
  const { send, queued } = await listen();
  const socket = send(`${head}\r\nhost: x\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  expect(String(answer)).toMatch(/^HTTP\/1.1 299 /);
  expect(queued).toEqual([]);
});

test('a refusal carries its status, its headers and its reason', async () => {
  const { url, outcome } = await listen({ webhookToken: 'w-token' });
  const refused = await fetch(url + path, { method: 'POST', body: text });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer /);
  expect(await refused.json()).toMatchObject({ error: expect.stringContaining('TOKEN') });
  const headers = { authorization: 'Bearer w-token' };
  const taken = await fetch(url + path, { method: 'POST', body: text, headers });
  expect(taken.status).toBe(200);
  expect(await outcome('unauthorized')).toBe(1);
});

test('what the queue does not take is 503, to be sent again', async () => {
  const { url, logged } = await listen({ enqueuePosted: () => Promise.reject(new Error('away')) });
  const answer = await fetch(url + path, { method: 'POST', body: text });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  expect(logged.join()).toMatch(/away.*127\.0\.0\.1/);
});

test('a body that breaks off is not taken, and told', async () => {
  const { url, send, queued, outcome } = await listen();
  const half = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${text.length + 20}\r\n\r\n${text}`;
  const socket = send(half);
  await once(socket, 'connect');
  await sleep(20);
  socket.destroy();
  await untilPasses(async () => expect(await outcome('unavailable')).toBe(1));
  expect(queued).toEqual([]);
  expect((await fetch(url + path, { method: 'POST', body: text })).status).toBe(200);
});

test('who goes away before the answer disturbs nobody', async () => {
  let store = () => {};
  const stored = new Promise<void>((resolve) => {
    store = resolve;
  });
  const enqueuePosted = vi.fn(() => stored);
  const { url, send, outcome } = await listen({ enqueuePosted });
  const length = Buffer.byteLength(text);
  const socket = send(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n${text}`,
  );
  await untilPasses(() => expect(enqueuePosted).toHaveBeenCalled());
  socket.destroy();
  await sleep(20);
  store();
  await untilPasses(async () => expect(await outcome('accepted')).toBe(1));
  expect((await fetch(url + path, { method: 'POST', body: text })).status).toBe(200);
});
