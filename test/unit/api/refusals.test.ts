import { expect, test } from 'vitest';
import type { ReceiverParts } from '../../../src/api/receiver.js';
import { createMetrics } from '../../../src/lib/metrics.js';
import { createFakeReceiver, from } from './fake-parts.js';

function start(overrides: Partial<ReceiverParts> = {}) {
  const metrics = createMetrics();
  const { receiver, logged } = createFakeReceiver({ metrics, ...overrides });
  return {
    logged,
    async send(path: string, init: RequestInit = {}, address = '127.0.0.1') {
      const headers = { host: 'localhost', ...init.headers };
      return (await receiver.request(path, { ...init, headers }, from(address))).status;
    },
    async counted() {
      const { values } = await metrics.refusals.get();
      return values.map(({ labels, value }) => [labels.route, labels.reason, value]);
    },
  };
}

const json = { 'content-type': 'application/json' };
const answer = '/api/v1/escalations/e/answer';

test.each([
  [401, 'unauthorized', '/api/v1/runs', {}, { adminToken: 'a-token' }],
  [403, 'forbidden', '/api/v1/runs', {}, {}],
  [400, 'invalid', '/api/v1/runs?limit=0', {}, {}],
  [400, 'invalid', answer, { method: 'POST', headers: json, body: '{}' }, {}],
  [413, 'too_large', answer, { method: 'POST', headers: json, body: ' '.repeat(65_537) }, {}],
  [415, 'not_json', answer, { method: 'POST', body: '{}' }, {}],
  [503, 'unavailable', '/api/v1/runs', {}, {}],
] as const)('a call of the API that is refused with %i counts as %s', async (...row) => {
  const [status, reason, path, init, overrides] = row;
  const { send, counted } = start(overrides);
  expect(await send(path, init, reason === 'forbidden' ? '10.0.0.7' : '127.0.0.1')).toBe(status);
  expect(await counted()).toEqual([['api', reason, 1]]);
});

test.each([
  [401, 'unauthorized', 'a-secret'],
  [503, 'unavailable', undefined],
])('a click that is refused with %i counts as %s', async (status, reason, slackSigningSecret) => {
  const { send, counted } = start({ slackSigningSecret });
  expect(await send('/slack/interactions', { method: 'POST', body: 'payload={}' })).toBe(status);
  expect(await counted()).toEqual([['slack', reason, 1]]);
});

test('a request that is answered is no refusal, a record that is not there included', async () => {
  const found = start({ answer: async () => ({ kind: 'unknown_escalation' }) });
  const body = JSON.stringify({ choice: 'ack', by: 'ana' });
  expect(await found.send(answer, { method: 'POST', headers: json, body })).toBe(404);
  expect(await found.send('/api/v1/openapi.json')).toBe(200);
  expect(await found.counted()).toEqual([]);
});

test('what is posted to a misspelt path is counted and logged, without the path as a label', async () => {
  const { send, counted, logged } = start();
  expect(await send('/webhook/alertmanager?token=hunter2', { method: 'POST', body: '{}' })).toBe(
    404,
  );
  expect(await counted()).toEqual([['unknown', 'unknown_path', 1]]);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('"path":"/webhook/alertmanager"');
  expect(logged[0]).not.toContain('hunter2');
});
