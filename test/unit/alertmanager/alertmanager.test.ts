import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createAlertmanager } from '../../../src/alertmanager/alertmanager.js';
import { createAlertmanagerCluster } from '../../../src/alertmanager/alertmanager-cluster.js';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const answering = (body: unknown, status = 200) =>
  serve((_, response) => {
    response.statusCode = status;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
const client = (url: string) => createAlertmanager({ url, timeoutMs: 2_000, maxBodyBytes: 10_000 });

const listed = {
  labels: { alertname: 'Slow' },
  annotations: { summary: 'slow' },
  startsAt: '2026-01-01T00:00:00.123Z',
  endsAt: '2026-01-01T00:04:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  fingerprint: 'f00d',
  generatorURL: 'http://prometheus',
  receivers: [{ name: 'jidoka' }],
  status: { state: 'active', silencedBy: [], inhibitedBy: [] },
};

test('an alert that is listed fires, whatever its end: it lies ahead', async () => {
  const url = await answering([listed]);
  expect(await client(url).alerts()).toEqual([
    {
      alert: {
        status: 'firing',
        labels: { alertname: 'Slow' },
        annotations: { summary: 'slow' },
        startsAtMs: Date.parse('2026-01-01T00:00:00.123Z'),
        endsAtMs: null,
        generatorUrl: 'http://prometheus',
        fingerprint: 'f00d',
      },
      state: 'active',
      receivers: ['jidoka'],
    },
  ]);
});

test('what the list does not say is not made up', async () => {
  const { status, receivers, ...rest } = listed;
  const url = await answering([rest, { ...listed, status: { state: 'new' }, receivers: [{}] }]);
  expect(await client(url).alerts()).toMatchObject([
    { state: 'unknown', receivers: null },
    { state: 'unknown', receivers: null },
  ]);
});

test('one alert with thousands of labels does not hide the others', async () => {
  const many = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`l${at}`, 'x']));
  const body = JSON.stringify([{ ...listed, labels: many }, listed]);
  const url = await answering(body);
  const read = createAlertmanager({ url, timeoutMs: 5_000 });
  expect(await read.alerts()).toMatchObject([{ alert: { labels: listed.labels } }]);
});

test('user and password go into a header, and all alerts are asked for', async () => {
  const seen: (string | undefined)[] = [];
  const url = await serve((request, response) => {
    seen.push(request.url, request.headers.authorization);
    response.end('[]');
  });
  const address = `${url.replace('http://', 'http://ada:p%40ss@')}/am/`;
  await client(address).alerts();
  expect(seen[0]).toBe(
    '/am/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true',
  );
  expect(seen[1]).toBe(`Basic ${Buffer.from('ada:p@ss').toString('base64')}`);
  expect(client(address).name).toBe(`${url}/am`);
});

describe('a call that fails', () => {
  const alerts = (url: string) => client(url).alerts();

  test.each([
    ['refused', 401, 'check user and password'],
    ['refused', 404, 'check the path'],
    ['refused', 500, 'check ALERTMANAGER_URL'],
  ])('is %s with its status %i and what to do', async (kind, status, advice) => {
    const url = await answering('no', status);
    await expect(alerts(url)).rejects.toMatchObject({
      kind,
      message: expect.stringContaining(`${url}: it answered ${status}; ${advice}`),
    });
  });

  test.each([
    ['no JSON', '<html>'],
    ['no list', '{}'],
    ['a list with one alert that cannot be read', JSON.stringify([listed, { labels: {} }])],
    [
      'a list that is longer than is read',
      JSON.stringify([{ ...listed, annotations: { text: 'x'.repeat(20_000) } }]),
    ],
  ])('because the answer is %s is no empty list', async (_, body) => {
    await expect(alerts(await answering(body))).rejects.toMatchObject({ kind: 'unreadable' });
  });

  test('because nobody answers is told in time, and never with the password', async () => {
    const silent = await serve(() => {});
    for (const url of [silent, 'http://127.0.0.1:1']) {
      const error = await alerts(url.replace('http://', 'http://ada:hunter2@')).catch(
        (caught: unknown) => caught,
      );
      expect(error).toMatchObject({ kind: 'unreachable' });
      expect(String(error)).not.toMatch(/hunter2|aHVudGVyMg/);
    }
  });

  test('because it sends elsewhere goes nowhere with the password', async () => {
    const asked: string[] = [];
    const other = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.end('[]');
    });
    const url = await serve((_, response) => {
      response.writeHead(302, { location: other });
      response.end();
    });
    await expect(alerts(url)).rejects.toMatchObject({ kind: 'unreachable' });
    expect(asked).toEqual([]);
  });

  test('because it does not say since when it runs is unreadable', async () => {
    const url = await answering({ versionInfo: { version: '0.25.0' } });
    await expect(client(url).status()).rejects.toThrow(/uptime: expected the time/);
  });
});

describe('a cluster', () => {
  const config = 'route: { receiver: jidoka }\nreceivers: [{ name: jidoka }]';
  const started = { uptime: '2026-01-01T00:00:00Z', config: { original: config } };
  const member = (alerts: unknown) =>
    serve((request, response) => {
      response.end(JSON.stringify(request.url?.includes('status') ? started : alerts));
    });
  const cluster = (...urls: string[]) =>
    createAlertmanagerCluster({ members: urls.map(client), receiver: 'jidoka' });

  test('is read by its members that answer, and says what is wrong with the others', async () => {
    const url = await member([listed]);
    const { members, faults } = await cluster(url, 'http://127.0.0.1:1').read();
    expect(members).toMatchObject([
      { name: url, routes: { exists: true, mutedAtTimes: false }, alerts: [{ state: 'active' }] },
    ]);
    expect(faults).toEqual([expect.stringContaining('http://127.0.0.1:1')]);
  });

  test('has told somebody as long as one member took the alerts', async () => {
    const url = await member([]);
    await cluster(url, 'http://127.0.0.1:1').post([]);
    await expect(cluster('http://127.0.0.1:1').post([])).rejects.toThrow(/127\.0\.0\.1:1/);
  });
});
