import { expect, test } from 'vitest';
import type { CancelResult, GivenCancel } from '../../../src/engine/people/cancel.js';
import { createRun } from '../../../src/ledger/run.js';
import { createFakeConsole } from './fake-console.js';

const run = createRun({
  id: 'r1',
  caseId: 'r1',
  origin: { kind: 'playbook', playbook: 'scale-up', hash: '' },
  labels: {},
  steps: [],
  cooldownMs: 0,
  limits: [],
  channel: undefined,
  verifiable: true,
  escalationId: null,
  state: 'planning',
  nowMs: 0,
});

/** Presses the button of a run as whoever holds the token. */
async function press(result: CancelResult, token = 'admin-token') {
  const asked: GivenCancel[] = [];
  const { call, signIn } = createFakeConsole({
    adminToken: 'admin-token',
    viewerToken: 'viewer-token',
    cancel: async (given) => {
      asked.push(given);
      return result;
    },
  });
  const { cookie, csrf } = await signIn(token, 'ada');
  const send = (form: Record<string, string>) =>
    call('/runs/r1/cancel', { form, headers: { cookie, referer: 'http://localhost:9095/' } });
  return { asked, answer: await send({ csrf }), forged: await send({ csrf: 'guessed' }) };
}

test('a run is cancelled in the name of who signed in, and never without the token of the form', async () => {
  const { asked, answer, forged } = await press({ kind: 'cancelled', run });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/']);
  expect(asked).toEqual([{ id: 'r1', person: { via: 'console', name: 'ada' } }]);
  expect(forged.status).toBe(403);
});

test('a viewer cancels nothing', async () => {
  const { asked, answer } = await press({ kind: 'cancelled', run }, 'viewer-token');
  expect(answer.status).toBe(403);
  expect(asked).toEqual([]);
});

test.each([
  [{ kind: 'too_late', run: { ...run, cancelled: { by: 'ben', atMs: 0 } } }, 409, 'ben cancelled'],
  [{ kind: 'not_allowed', why: 'only approvers may' }, 403, 'only approvers may'],
  [{ kind: 'unknown_run' }, 404, 'no run'],
] as const)('who comes with %j is told so', async (result, status, text) => {
  const { answer } = await press(result);
  expect(answer.status).toBe(status);
  expect(answer.body).toContain(text);
});
