import { expect, test } from 'vitest';
import type { GivenManualRun } from '../../../src/engine/commands/run-playbook.js';
import { explainOffline } from '../../../src/engine/explain/offline.js';
import { createLibrary } from '../../../src/playbook/library.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { testPlaybook } from '../playbook/test-playbook.js';
import { createFakeConsole, csrfIn } from './fake-console.js';

/* The form that runs a playbook: labels, a preview, a reason, and one request however often it is sent. */

function start() {
  const playbook = testPlaybook('clean', 'alertname = "Full", instance != ""');
  const set = { library: createLibrary([playbook]), policy: defaultPolicy, hash: '' };
  const asked: GivenManualRun[] = [];
  const fake = createFakeConsole({
    active: () => set,
    explain: async (question) => explainOffline({ set, workerAsg: '', nowMs: 0 }, question),
    runPlaybook: async (given) => {
      asked.push(given);
      const state = { state: 'working', detail: '', runId: 'run-1' } as const;
      return { kind: 'accepted', alertId: 'alert-1', state };
    },
    adminToken: 'admin',
    viewerToken: 'viewer',
  });
  return { ...fake, asked };
}

test('asks for the labels that are open, and starts nothing', async () => {
  const { call, signIn, asked } = start();
  const { cookie } = await signIn('admin');
  const { status, body } = await call('/playbooks/clean/run', { headers: { cookie } });
  expect(status).toBe(200);
  expect(body).toContain('name="label.instance"');
  expect(body).not.toContain('name="label.alertname"');
  expect(body).not.toContain('name="key"');
  expect(asked).toEqual([]);
});

test('previews, and sends what was previewed with a name, a reason and a key', async () => {
  const { call, signIn, asked } = start();
  const { cookie } = await signIn('admin');
  const path = '/playbooks/clean/run?preview=1&label.instance=node-3';
  const { body } = await call(path, { headers: { cookie } });
  const key = /name="key" value="([^"]+)"/.exec(body)?.[1] ?? '';
  expect(key).toMatch(/^[0-9a-f-]{36}$/);
  const form = { csrf: csrfIn(body), 'label.instance': 'node-3', why: 'it is full', key };
  const answer = await call('/playbooks/clean/run', { headers: { cookie }, form });
  expect(answer.headers.get('location')).toBe('/runs/run-1');
  const labels = { instance: 'node-3' };
  expect(asked).toEqual([{ playbook: 'clean', labels, by: 'ada', why: 'it is full', key }]);
});

test.each([
  ['without a reason', { why: '' }, 400],
  ['without the token of the session', { csrf: 'x' }, 403],
])('is refused %s', async (_, change, status) => {
  const { call, signIn, asked } = start();
  const { cookie, csrf } = await signIn('admin');
  const form = { csrf, 'label.instance': 'node-3', why: 'x', key: '12345678', ...change };
  expect((await call('/playbooks/clean/run', { headers: { cookie }, form })).status).toBe(status);
  expect(asked).toEqual([]);
});

test('a viewer previews, and gets no button that runs', async () => {
  const { call, signIn } = start();
  const { cookie } = await signIn('viewer');
  const path = '/playbooks/clean/run?preview=1&label.instance=node-3';
  const { status, body } = await call(path, { headers: { cookie } });
  expect(status).toBe(200);
  expect(body).not.toContain('name="key"');
});

test('labels that the playbook does not match are shown with the clause', async () => {
  const { call, signIn } = start();
  const { cookie } = await signIn('admin');
  const { body } = await call('/playbooks/clean/run?preview=1', { headers: { cookie } });
  expect(body).toContain('does not match these labels');
  expect(body).not.toContain('name="key"');
});
