import { hostname } from 'node:os';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createWorkerDoor } from '../../../src/api/worker-door.js';
import { createOwnName } from '../../../src/lib/http/own-name.js';
import { remoteAddress } from '../../../src/lib/http/remote-address.js';
import { createMetrics } from '../../../src/lib/metrics.js';
import { createFakeReceiver, from } from './fake-parts.js';

/* A web page makes its name point to this engine (DNS rebinding) and reads what needs no token. */

const open = ['/metrics', '/-/ready'];
const items = ['/queue/item/1/api/json', '/jenkins/job/x/1/api/json'];
const rebound = { host: 'evil.example:9095' };

function ask(path: string, headers: Record<string, string>, address = '127.0.0.1', overrides = {}) {
  const { receiver } = createFakeReceiver(overrides);
  return receiver.request(path, { headers }, from(address));
}

/** Whether it was answered: Redis, which is away here, is asked for items. */
const isAnswered = ({ status }: Response) => status === 200 || status === 503;

describe.each([...open, ...items])('%s', (path) => {
  test.each([
    ['of a browser on this machine', {}, '127.0.0.1'],
    ['of a browser that hides what it is', { 'user-agent': 'Prometheus/3' }, '::1'],
    ['of a page that pretends to be a proxy', { 'x-forwarded-for': '10.0.0.7' }, '127.0.0.1'],
    ['with a token that is none of ours', { authorization: 'Bearer guess' }, '127.0.0.1'],
    ['of a browser elsewhere', { 'user-agent': 'Mozilla/5.0' }, '10.0.0.7'],
    ['of a browser elsewhere by another name', { 'accept-language': 'de' }, '10.0.0.7'],
  ])('is not read by the rebound name %s', async (_, headers, address) => {
    const answer = await ask(path, { ...rebound, ...headers }, address);
    const body = await answer.text();
    expect([answer.status, Object.keys(JSON.parse(body))]).toEqual([403, ['error']]);
    expect(body).not.toContain('jidoka_');
  });

  test.each([
    '127.0.0.1:9095',
    'localhost:9095',
    '[::1]:9095',
    '10.0.0.5:9095',
    'jidoka:9095',
    `${hostname()}:9095`,
    'jidoka.example.com',
    'JIDOKA.example.com:443',
  ])('is read by %s', async (host) => {
    const known = { externalUrl: 'https://jidoka.example.com' };
    expect(isAnswered(await ask(path, { host }, '127.0.0.1', known))).toBe(true);
  });

  test('is read by programs elsewhere, whatever they call it', async () => {
    const headers = { host: 'alerts.example.net:9095', 'user-agent': 'Prometheus/3.5.0' };
    expect(isAnswered(await ask(path, headers, '10.0.0.7'))).toBe(true);
  });

  test('is read with a token by any name', async () => {
    const headers = { ...rebound, authorization: 'Bearer a-token', 'accept-language': '*' };
    for (const tokens of [{ adminToken: 'a-token' }, { webhookToken: 'a-token' }]) {
      expect(isAnswered(await ask(path, headers, '127.0.0.1', tokens))).toBe(true);
    }
  });
});

test('an item is read by any name with the token in its address, and not without', async () => {
  const known = { webhookToken: 'DevOps22' };
  expect((await ask(`${items[0]}?token=DevOps22`, rebound, '127.0.0.1', known)).status).toBe(503);
  expect((await ask(`${items[0]}?token=x`, rebound, '127.0.0.1', known)).status).toBe(403);
});

test('a worker keeps to the same, and is healthy by any name', async () => {
  const metrics = createMetrics();
  const door = createWorkerDoor({
    readiness: async () => ({ ready: true, checks: {} }),
    metricsText: async () => 'jidoka_figures 1',
    isMeantForUs: createOwnName({ externalUrl: undefined, tokens: [], addressOf: remoteAddress }),
    metrics,
    log: pino({ level: 'silent' }),
  });
  for (const path of open) {
    expect((await door.request(path, { headers: rebound }, from('127.0.0.1'))).status).toBe(403);
    const here = { headers: { host: '127.0.0.1:9095' } };
    expect((await door.request(path, here, from('127.0.0.1'))).status).toBe(200);
  }
  const healthy = await door.request('/-/healthy', { headers: rebound }, from('127.0.0.1'));
  expect([healthy.status, await healthy.text()]).toEqual([200, 'ok']);
  expect((await metrics.refusals.get()).values).toMatchObject([{ value: 2 }]);
});
