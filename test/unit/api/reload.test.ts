import { expect, test } from 'vitest';
import type { ReloadAnswer } from '../../../src/api/reload.js';
import { createFakeReceiver, from, secret } from './fake-parts.js';

const local = from('127.0.0.1');
const host = { host: 'localhost' };

function post(
  reload: () => Promise<ReloadAnswer>,
  headers: Record<string, string> = host,
  address = local,
) {
  const { receiver } = createFakeReceiver({ reload });
  return receiver.request('/-/reload', { method: 'POST', headers }, address);
}

const taken = { kind: 'taken', hash: 'f00d', playbooks: 3, changed: true, detail: 'x' } as const;

test('a reload needs no body, and is answered with the set that decides now', async () => {
  const answer = await post(async () => taken);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ hash: 'f00d', playbooks: 3, changed: true, detail: 'x' });
});

test('a folder that cannot be taken is answered with each fault on a line of its own', async () => {
  const problems = ['a.yaml:1:1: one', 'b.yaml:2:3: two'];
  const answer = await post(async () => ({ kind: 'refused', problems }));
  const text = await answer.text();
  expect(answer.status).toBe(422);
  expect(JSON.parse(text)).toEqual({ error: expect.stringContaining('stays'), problems });
  expect(text).toMatch(/^ +"a\.yaml:1:1: one",\n +"b\.yaml:2:3: two"$/m);
});

test('a Redis that does not take the set is answered with 503, and shows nothing of itself', async () => {
  const answer = await post(() => Promise.reject(new Error(secret)));
  expect(answer.status).toBe(503);
  expect(await answer.text()).not.toContain(secret);
});

test('neither other machines nor web pages may have the engine reload', async () => {
  let asked = 0;
  const reload = async () => {
    asked += 1;
    return taken;
  };
  expect((await post(reload, host, from('10.0.0.7'))).status).toBe(403);
  expect((await post(reload, { ...host, origin: 'http://evil.example' })).status).toBe(403);
  expect(asked).toBe(0);
});
