import { expect, test } from 'vitest';
import type { AnswerResult } from '../../../src/engine/people/answer-result.js';
import {
  createAnswered,
  createEscalation,
  createFakeReceiver,
  type FakeReceiver,
  from,
  secret,
} from './fake-parts.js';

async function get({ receiver }: FakeReceiver, path: string) {
  const response = await receiver.request(path, { headers: { host: 'localhost' } }, local);
  return { status: response.status, headers: response.headers, body: await response.json() };
}

async function answer({ receiver }: FakeReceiver, body: unknown) {
  const response = await receiver.request(
    '/api/v1/escalations/esc1/answer',
    {
      method: 'POST',
      headers: { host: 'localhost', 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    },
    local,
  );
  return { status: response.status, body: await response.json() };
}

const local = from('127.0.0.1');

test('what nobody answers is 404 in JSON and says where to look', async () => {
  for (const path of ['/nothing', '/api/v1/nothing', '/webhooks/alertmanager']) {
    const { status, body } = await get(createFakeReceiver(), path);
    expect(status).toBe(404);
    expect(body).toEqual({ error: expect.stringContaining(`GET ${path};`) });
    expect(body).toEqual({ error: expect.stringContaining('/api/v1/openapi.json') });
  }
});

test.each(['alerts', 'runs', 'escalations', 'audit', 'alerts/a-1', 'runs/r', 'escalations/e'])(
  '/api/v1/%s without Redis is 503, and shows nothing of the error',
  async (name) => {
    const fake = createFakeReceiver();
    const { status, headers, body } = await get(fake, `/api/v1/${name}`);
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toMatch(/Connection|\.ts|at /);
    expect(fake.logged).toHaveLength(1);
    expect(fake.logged[0]).toContain('Connection is closed.');
    expect(fake.logged[0]).not.toContain(secret);
  },
);

test('every answer of the API keeps browsers from guessing, framing and keeping it', async () => {
  for (const path of ['/api/v1/playbooks', '/api/v1/runs?limit=0', '/api/v1/nothing']) {
    const { headers } = await get(createFakeReceiver(), path);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
  }
});

test('the whole API is guarded, what is not there included', async () => {
  const { receiver } = createFakeReceiver();
  for (const path of ['/api/v1/playbooks', '/api/v1/openapi.json', '/api/v1/nothing']) {
    expect((await receiver.request(path, {}, from('10.0.0.7'))).status).toBe(403);
    expect((await receiver.request(path)).status).toBe(403);
  }
});

test.each([
  ['runs?limit=0', 'limit', /at least 1/],
  ['runs?limit=501', 'limit', /at most 500/],
  ['runs?limit=many', 'limit', /a whole number|a number/],
  ['alerts?limit=1.5', 'limit', /a whole number/],
  ['alerts?state=closed', 'state', /open/],
  ['escalations?stat=open', 'stat', /did you mean "state"/],
  ['audit?state=open', 'state', /limit, before/],
  ['runs?before=yesterday', 'before', /"next" of an earlier page/],
  ['audit?before=1.x', 'before', /"next" of an earlier page/],
])('%s is 400 and names the parameter', async (query, path, message) => {
  const { status, body } = await get(createFakeReceiver(), `/api/v1/${query}`);
  expect(status).toBe(400);
  expect(body).toEqual({ path, error: expect.stringMatching(message) });
});

test('an answer goes on as it was given, and the escalation comes back', async () => {
  const fake = createFakeReceiver();
  const { status, body } = await answer(fake, { choice: 'up', by: ' ana ', comment: ' slow ' });
  expect(fake.answers).toEqual([
    { id: 'esc1', choiceId: 'up', person: { via: 'api', name: 'ana' }, comment: 'slow' },
  ]);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    escalation: { id: 'esc1', reasonText: 'no playbook matches this alert' },
  });
});

const outcomes: [AnswerResult, number, RegExp][] = [
  [
    { kind: 'too_late', escalation: createAnswered() },
    409,
    /bo .* chose "Dismiss" on 2026-01-31 at 08:15:30 UTC/,
  ],
  [
    { kind: 'unknown_choice', choices: createEscalation().choices ?? [] },
    400,
    /expected one of "up" \(One more\), "dismiss" \(Dismiss\), got "down"/,
  ],
  [{ kind: 'unknown_choice', choices: [] }, 400, /try again in a moment/],
  [{ kind: 'not_allowed', why: 'only bo may decide this.' }, 403, /only bo/],
  [{ kind: 'unknown_escalation' }, 404, /no escalation has the ID "esc1"/],
];

test.each(outcomes)('an answer that comes to %j is %i', async (result, status, message) => {
  const answered = await answer(createFakeReceiver({ answer: async () => result }), {
    choice: 'down',
    by: 'ana',
  });
  expect(answered.status).toBe(status);
  expect(answered.body).toMatchObject({ error: expect.stringMatching(message) });
});

test.each([
  ['{', 'body'],
  [[], 'body'],
  [{ choice: 'up' }, 'by'],
  [{ choice: 'up', by: '  ' }, 'by'],
  [{ choice: 7, by: 'ana' }, 'choice'],
  [{ choice: 'up', by: 'ana', note: 'please' }, 'note'],
])('the answer %j is 400 with the path of the fault, and decides nothing', async (sent, path) => {
  const fake = createFakeReceiver();
  const { status, body } = await answer(fake, sent);
  expect({ status, body }).toMatchObject({ status: 400, body: { path } });
  expect(fake.answers).toEqual([]);
});

test('an answer larger than 64 KiB is 413', async () => {
  const sent = { choice: 'up', by: 'ana'.padEnd(64 * 1024) };
  expect((await answer(createFakeReceiver(), sent)).status).toBe(413);
});
