import { expect, test } from 'vitest';
import type { Question } from '../../../src/engine/explain/question.js';
import { InputError } from '../../../src/lib/errors.js';
import { createFakeReceiver, from } from './fake-parts.js';

const headers = { host: 'localhost', 'content-type': 'application/json' };

/** Posts a question to a receiver whose acting half answers as `answer` says. */
async function ask(body: unknown, query = '', answer: () => Promise<[]> = async () => []) {
  const questions: Question[] = [];
  const { receiver } = createFakeReceiver({
    explain: async (question) => {
      questions.push(question);
      return answer();
    },
  });
  const init = { method: 'POST', headers, body: JSON.stringify(body) };
  const response = await receiver.request(`/api/v1/explain${query}`, init, from('127.0.0.1'));
  const shown = (await response.json()) as { error?: string; path?: string };
  return { status: response.status, shown, questions };
}

test('a question is handed on with its alerts, its playbook and how much is to be shown', async () => {
  const { status, shown, questions } = await ask({ service: 'web' }, '?playbook=p&all=true');
  expect([status, shown]).toEqual([200, { items: [] }]);
  expect(questions).toMatchObject([
    { alerts: [{ labels: { service: 'web' } }], playbook: 'p', all: true },
  ]);
  const from = await ask({ a: 'b' }, '?source=jenkins');
  expect(from.questions).toMatchObject([{ alerts: [{ source: 'jenkins' }] }]);
  expect((await ask({ a: 'b' })).questions).toMatchObject([{ playbook: undefined, all: false }]);
});

test.each<[unknown, string, string]>([
  [{ code: 500 }, '', 'code'],
  [[], '', 'alerts'],
  [{ a: 'b' }, '?all=perhaps', 'all'],
  [{ a: 'b' }, '?playbok=p', 'playbok'],
  [{ a: 'b' }, '?source=zabbix', 'source'],
])('%j with %j is refused with its place, and nobody is asked', async (body, query, path) => {
  const { status, shown, questions } = await ask(body, query);
  expect({ status, path: shown.path, questions }).toEqual({ status: 400, path, questions: [] });
});

test('what the worker says of the question is passed on; that it cannot answer is a 503', async () => {
  const unknown = async () => {
    throw new InputError('playbook: there is no playbook "p"', 'playbook');
  };
  expect(await ask({ a: 'b' }, '', unknown)).toMatchObject({
    status: 400,
    shown: { path: 'playbook' },
  });
  const down = async () => {
    throw new Error('redis://:secret@host is away');
  };
  const { status, shown } = await ask({ a: 'b' }, '', down);
  expect(status).toBe(503);
  expect(shown.error).not.toContain('secret');
});

test('a whole notification is welcome, and a body of more than 1 MiB is not', async () => {
  const long = 'x'.repeat(200_000);
  expect((await ask({ labels: { a: 'b' }, annotations: { long } })).status).toBe(200);
  const longer = 'x'.repeat(1024 * 1024);
  expect((await ask({ labels: { a: 'b' }, annotations: { longer } })).status).toBe(413);
});
