import { expect, test } from 'vitest';
import { createFakeReceiver, secret } from './fake-parts.js';

test('a process that runs is healthy, whatever its parts do', async () => {
  const { receiver } = createFakeReceiver({ readiness: () => Promise.reject(new Error('down')) });
  const response = await receiver.request('/-/healthy');
  expect([response.status, await response.text()]).toEqual([200, 'ok']);
});

test.each([
  [true, 200],
  [false, 503],
])('ready: %s is answered with %i, with every check by name', async (ready, status) => {
  const state = { ready, checks: { redis: { ok: ready, detail: 'PING' } } };
  const { receiver } = createFakeReceiver({ readiness: async () => state });
  const response = await receiver.request('/-/ready');
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual({ ...state, degraded: false });
});

test('an engine that is ready and has a check that fails is degraded', async () => {
  const checks = { redis: { ok: true, detail: 'writable' }, swarm: { ok: false, detail: 'away' } };
  const { receiver } = createFakeReceiver({ readiness: async () => ({ ready: true, checks }) });
  const response = await receiver.request('/-/ready');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ ready: true, degraded: true, checks });
});

test('readiness that cannot be checked is none', async () => {
  const { receiver } = createFakeReceiver({ readiness: () => Promise.reject(new Error(secret)) });
  const response = await receiver.request('/-/ready');
  expect(response.status).toBe(503);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ ready: false, checks: { readiness: { ok: false } } });
  expect(text).not.toContain(secret);
});

test('metrics are in the format of Prometheus and say so', async () => {
  const { receiver } = createFakeReceiver();
  await receiver.request('/webhooks/alertmanager', { method: 'POST', body: '{}' });
  const response = await receiver.request('/metrics');
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  expect(await response.text()).toMatch(/^jidoka_notifications_total\{outcome="not_v4"\} 1$/m);
});
