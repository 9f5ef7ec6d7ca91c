import { beforeEach, describe, expect, test } from 'vitest';
import type { Pauses } from '../../../src/guard/pauses.js';
import type { Resets } from '../../../src/guard/resets.js';
import { createFakeConsole, csrfIn } from './fake-console.js';

/** What was asked of the guards. */
let asked: unknown[];
beforeEach(() => {
  asked = [];
});

const note =
  (what: string) =>
  async (...args: unknown[]) => {
    asked.push([what, ...args]);
    return null as never;
  };
const pauses = { list: async () => [], set: note('set'), lift: note('lift') } as Pauses;
const resets = {
  resetBlastRadius: note('reset'),
  resetBreaker: note('reset breaker'),
} as unknown as Resets;

async function post(path: string, form: Record<string, string>, referer = '') {
  const tokens = { adminToken: 'admin-token', viewerToken: 'viewer-token' };
  const { call, signIn } = createFakeConsole({ ...tokens, pauses, resets });
  const { cookie, csrf } = await signIn('admin-token', 'ada');
  return call(path, { form: { csrf, ...form }, headers: { cookie, referer } });
}

const pause = { of: 'everything', for: '1h', why: 'release' };

test('a pause is set in the name of who signed in, and leads back to where it was asked for', async () => {
  const { status, headers } = await post('/pauses', pause, 'http://localhost:9095/runs?state=open');
  expect([status, headers.get('location')]).toEqual([303, '/runs?state=open']);
  const by = { by: 'ada', why: 'release', forMs: 3_600_000 };
  expect(asked).toEqual([['set', { of: 'everything' }, by]]);
});

test.each(['http://evil.example/', 'http://localhost:9095//evil.example/', 'nonsense'])(
  'a referer that leads elsewhere, such as %s, leads to the front page',
  async (referer) => {
    const { headers } = await post('/pauses', pause, referer);
    expect(headers.get('location')).toBe('/');
  },
);

test.each([
  [{ of: 'up' }, { of: 'direction', name: 'up' }],
  [
    { of: 'target', name: ' web ' },
    { of: 'target', name: 'web' },
  ],
  [{ of: 'everything', name: 'web' }, { of: 'everything' }],
])('%j is paused and lifted as %j', async (given, scope) => {
  await post('/pauses', { ...pause, for: '', ...given });
  await post('/pauses/lift', given);
  expect(asked).toEqual([
    ['set', scope, { by: 'ada', why: 'release', forMs: null }],
    ['lift', scope, { by: 'ada' }],
  ]);
});

describe('nothing is paused', () => {
  test.each([
    [{ ...pause, why: ' ' }, 'expected a reason'],
    [{ ...pause, of: 'playbook', name: '' }, 'expected the name of the playbook'],
    [{ ...pause, of: 'playbook', name: 'no-such' }, 'There is no playbook'],
    [{ ...pause, of: 'everythin' }, 'of:'],
    [{ ...pause, for: '2 weeks' }, 'for:'],
  ])('by %j, and it says why', async (form, why) => {
    const { status, body } = await post('/pauses', form);
    expect([status, body]).toEqual([400, expect.stringContaining(why)]);
    expect(asked).toEqual([]);
  });

  test('by a viewer, and nothing is reset', async () => {
    const tokens = { adminToken: 'admin-token', viewerToken: 'viewer-token' };
    const { call, signIn } = createFakeConsole({ ...tokens, pauses, resets });
    const { cookie, csrf } = await signIn('viewer-token', 'vic');
    const paths = ['/pauses', '/pauses/lift', '/blast-radius/reset', '/breakers/a/reset'];
    for (const path of [...paths, '/escalations/e1/answer']) {
      const form = { ...pause, csrf, choice: 'approve' };
      const { status, body } = await call(path, { form, headers: { cookie } });
      expect([path, status, body]).toEqual([path, 403, expect.stringContaining('viewer')]);
    }
    expect(asked).toEqual([]);
  });
});

describe('without a sign-in', () => {
  const form = { ...pause, csrf: '' };
  const referer = 'http://localhost:9095/runs?state=open';

  test('nothing is changed before there is a name, and what was sent is kept for the name', async () => {
    const { call } = createFakeConsole({ pauses, resets });
    const page = await call('/pauses');
    const csrf = csrfIn(page.body);
    const { status, body } = await call('/pauses', {
      form: { ...form, csrf, why: '"quoted" <b>' },
      headers: { referer },
    });
    expect(status).toBe(200);
    expect(body).toContain('Set your name');
    expect(body).toContain('name="why" value="&quot;quoted&quot; &lt;b&gt;"');
    expect(asked).toEqual([]);
  });

  test('what is sent with a name is done in that name, leads back, and the name is kept', async () => {
    const { call } = createFakeConsole({ pauses, resets });
    const csrf = csrfIn((await call('/pauses')).body);
    const named = { ...form, csrf, 'visitor-name': ' grace ', 'came-from': '/runs?state=open' };
    const { status, headers } = await call('/pauses', { form: named });
    expect([status, headers.get('location')]).toEqual([303, '/runs?state=open']);
    expect(asked).toEqual([['set', expect.anything(), expect.objectContaining({ by: 'grace' })]]);
    const cookie = headers.get('set-cookie')?.split(';')[0] ?? '';
    expect((await call('/pauses', { headers: { cookie } })).body).toContain('grace');
  });

  test('a name of spaces is no name, and a place elsewhere is not gone to', async () => {
    const { call } = createFakeConsole({ pauses, resets });
    const csrf = csrfIn((await call('/pauses')).body);
    await call('/pauses', { form: { ...form, csrf, 'visitor-name': '  ' } });
    expect(asked).toEqual([]);
    const named = { ...form, csrf, 'visitor-name': 'eve', 'came-from': '//evil.example/' };
    expect((await call('/pauses', { form: named })).headers.get('location')).toBe('/');
  });
});

test('what has tripped is reset in the name of who signed in', async () => {
  await post('/blast-radius/reset', {});
  await post('/breakers/scale%20up/reset', {});
  expect(asked).toEqual([
    ['reset', { by: 'ada' }],
    ['reset breaker', 'scale up', { by: 'ada' }],
  ]);
});
