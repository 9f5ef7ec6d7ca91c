import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPrometheus } from '../../../src/prometheus/prometheus.js';
import { type HttpServer, startHttpServer } from '../../support/http-server.js';

let server: HttpServer;
beforeEach(async () => {
  server = await startHttpServer();
});
afterEach(() => server.stop());

const client = (url = server.origin, token?: string) =>
  createPrometheus({ url, token, timeoutMs: 300, maxBodyBytes: 2_000 });
const answering = (data: unknown) => {
  server.answer = (_, reply) => reply(200, JSON.stringify({ status: 'success', data }));
};
const range = { fromMs: 1_000, toMs: 61_000, stepMs: 30_000 };

test('asks for the alerting rules of a name, and takes no other', async () => {
  const slow = { type: 'alerting', name: 'Slow', query: 'x > 1', labels: { severity: 'page' } };
  answering({
    groups: [
      { rules: [slow, { ...slow, name: 'Other' }, { ...slow, type: 'recording' }] },
      { rules: [] },
    ],
  });
  expect(await client().alertingRules('Slow')).toEqual([
    { name: 'Slow', expression: 'x > 1', labels: { severity: 'page' } },
  ]);
  expect(server.requests[0]?.path).toBe('/api/v1/rules?type=alert&rule_name%5B%5D=Slow');
});

test('asks for a range in the body, with a limit of time for Prometheus itself', async () => {
  answering({
    resultType: 'matrix',
    result: [
      {
        metric: { a: 'b' },
        values: [
          [1, '2.5'],
          [31, '+Inf'],
          [61, 'NaN'],
        ],
      },
      { metric: {}, histograms: [] },
    ],
  });
  expect(await client().range('x{a="b"}', range)).toEqual([
    {
      labels: { a: 'b' },
      points: [
        [1_000, 2.5],
        [31_000, Infinity],
        [61_000, Number.NaN],
      ],
    },
    { labels: {}, points: [] },
  ]);
  expect(server.requests[0]).toMatchObject({ method: 'POST', path: '/api/v1/query_range' });
  expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
    query: 'x{a="b"}',
    start: '1',
    end: '61',
    step: '30',
    timeout: '300ms',
  });
});

test('user and password, or a token, go in a header, and into no error', async () => {
  server.answer = (_, reply) => reply(401);
  const withUser = server.origin.replace('://', '://me:s%20ecret@');
  const refused = 'check user and password in PROMETHEUS_URL, or PROMETHEUS_TOKEN';
  await expect(client(withUser).version()).rejects.toThrow(
    `Prometheus ${server.origin}: it answered 401; ${refused}`,
  );
  await expect(client(`${server.origin}/`, 't0ken').version()).rejects.toThrow(refused);
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    `Basic ${Buffer.from('me:s ecret').toString('base64')}`,
    'Bearer t0ken',
  ]);
});

describe('a fault says what it is', () => {
  test('no answer in time', async () => {
    server.answer = () => {};
    await expect(client().version()).rejects.toThrow('no answer within 300 ms');
  });

  test("Prometheus' own words", async () => {
    const error = 'query timed out in expression evaluation';
    server.answer = (_, reply) => reply(503, JSON.stringify({ status: 'error', error }));
    await expect(client().range('x', range)).rejects.toThrow(`it answered 503: ${error}`);
  });

  test('an answer that is too long, or none of Prometheus', async () => {
    server.answer = (_, reply) => reply(200, ' '.repeat(3_000));
    await expect(client().range('x', range)).rejects.toThrow('longer than 2000 bytes');
    server.answer = (_, reply) => reply(200, '<html>');
    await expect(client().version()).rejects.toMatchObject({ kind: 'unreadable' });
    answering({ resultType: 'vector', result: [] });
    await expect(client().range('x', range)).rejects.toThrow('data.resultType: expected "matrix"');
  });
});
