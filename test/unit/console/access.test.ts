import { describe, expect, test } from 'vitest';
import { sessionMs } from '../../../src/console/sessions.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { untilPasses } from '../../support/eventually.js';
import { brokenRedis, secret } from '../api/fake-parts.js';
import { createFakeConsole, csrfIn } from './fake-console.js';

const adminToken = 'admin-token-for-tests';
const viewerToken = 'viewer-token-for-tests';

describe('without a token', () => {
  test('a browser on this machine is let in as an operator', async () => {
    const { status, body } = await createFakeConsole().call('/sign-in');
    expect(status).toBe(200);
    expect(body).toContain('Set your name');
    expect(body).not.toContain('type="password"');
  });

  test.each([
    ['from another machine', { address: '10.0.0.7' }],
    ['by another name (DNS rebinding)', { headers: { host: 'evil.example:9095' } }],
    ['through a proxy', { headers: { 'x-forwarded-for': '10.0.0.7' } }],
  ])('nobody is let in who comes %s', async (_, call) => {
    const { status, body } = await createFakeConsole().call('/', call);
    expect(status).toBe(403);
    expect(body).toContain('JIDOKA_ADMIN_TOKEN');
  });

  test.each(['JIDOKA_WEBHOOK_TOKEN', 'JIDOKA_EXTERNAL_URL', 'SLACK_SIGNING_SECRET'])(
    'nobody is let in where %s says that others reach this engine',
    async (facing) => {
      const { call, known } = createFakeConsole({ facing });
      const form = { name: 'eve', of: 'everything', why: 'mine', for: '1h' };
      for (const [path, sent] of [
        ['/', {}],
        ['/sign-in', {}],
        ['/sign-in', { form }],
        ['/events', {}],
        ['/pauses', { form }],
      ] as const) {
        const { status, headers, body } = await call(path, sent);
        expect([path, status]).toEqual([path, 403]);
        expect(headers.get('set-cookie')).toBeNull();
        expect(body).toContain(`${facing} says that others reach this engine`);
        expect(body).toContain('JIDOKA_ADMIN_TOKEN');
      }
      expect(known.size).toBe(0);
      const { status } = await createFakeConsole({ facing, adminToken }).signIn(adminToken);
      expect(status).toBe(303);
    },
  );

  test('who says their name is called by it', async () => {
    const { call, signIn } = createFakeConsole();
    const { cookie } = await signIn('', 'Grace');
    expect((await call('/sign-in', { headers: { cookie } })).body).toContain('Grace');
  });
});

describe('with a token', () => {
  const tokens = { adminToken, viewerToken };

  test('nobody sees a page before they sign in, and then they see the one that they wanted', async () => {
    const { call } = createFakeConsole(tokens);
    const { status, headers } = await call('/runs/r1?x=1');
    expect([status, headers.get('location')]).toEqual([303, '/sign-in?to=%2Fruns%2Fr1%3Fx%3D1']);
    expect((await call('/events')).status).toBe(401);
    const form = { name: 'ada', token: adminToken, to: '/runs/r1?x=1' };
    const signedIn = await call('/sign-in', { form });
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/runs/r1?x=1']);
  });

  test.each([
    '//evil.example',
    'https://evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/..//evil.example/x?y=1',
    '/runs/..//evil.example',
    '/%2e//evil.example',
    '/.\\/evil.example',
    '',
  ])('signing in leads to no place outside, such as %j', async (to) => {
    const { call } = createFakeConsole(tokens);
    const form = { name: 'ada', token: adminToken, to };
    expect((await call('/sign-in', { form })).headers.get('location')).toBe('/');
    const { body } = await call(`/sign-in?to=${encodeURIComponent(to)}`);
    expect(body).toContain('name="to" value="/"');
  });

  test('the cookie is kept from scripts and from other sites, and over HTTPS from plain HTTP', async () => {
    const { call } = createFakeConsole(tokens);
    const form = { name: 'ada', token: adminToken };
    const plain = (await call('/sign-in', { form })).headers.get('set-cookie');
    expect(plain).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    const headers = { 'x-forwarded-proto': 'https' };
    const safe = (await call('/sign-in', { form, headers })).headers.get('set-cookie');
    expect(safe).toContain('Secure');
  });

  test('a wrong token is slowed down, counted and logged without the token', async () => {
    const { call, logged } = createFakeConsole(tokens);
    const guess = { name: 'eve', token: 'a-guess-of-eve' };
    let answered = false;
    const first = call('/sign-in', { form: guess }).finally(() => {
      answered = true;
    });
    await untilPasses(() => expect(logged.join()).toContain('wrong token'));
    // while the first waits, its sender may not try another
    expect((await call('/sign-in', { form: guess })).status).toBe(429);
    expect(answered).toBe(false);
    const { status, body } = await first;
    expect(status).toBe(401);
    expect(body + logged.join()).not.toContain(guess.token);
  });

  test.each([
    ['the same address', 10, () => ({})],
    ['behind the same proxy', 10, () => ({ headers: { 'x-forwarded-for': '10.0.0.66' } })],
    [
      'as many clients of one proxy',
      60,
      (n: number) => ({ headers: { 'x-forwarded-for': `c${n}` } }),
    ],
    ['many addresses', 1_010, (n: number) => ({ address: `10.0.${n >> 8}.${n & 255}` })],
  ])('a right token is let in while wrong ones are tried from %s', async (_, count, sender) => {
    const { call } = createFakeConsole(tokens);
    const guess = { name: 'eve', token: 'wrong' };
    const guesses = Array.from({ length: count }, (_, n) =>
      call('/sign-in', { form: guess, ...sender(n) }),
    );
    for (const token of [adminToken, viewerToken]) {
      const right = { name: 'ada', token };
      expect((await call('/sign-in', { form: right, ...sender(0) })).status).toBe(303);
    }
    const answers = await Promise.all(guesses);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
  });

  test('pretending to be many has a limit', async () => {
    const { call } = createFakeConsole(tokens);
    const guess = (client: string) =>
      call('/sign-in', {
        form: { name: 'eve', token: 'wrong' },
        headers: { 'x-forwarded-for': `1.1.1.1, ${client}` },
      });
    const first = guess('10.0.0.66');
    const many = Array.from({ length: 60 }, (_, index) => guess(`10.0.1.${index}`));
    const answers = await Promise.all([first, ...many]);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(50);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(11);
  });

  test('two cells on one host sign nobody out of the other', async () => {
    const [one, other] = ['jidoka', 'shop eu'].map((cell) =>
      createFakeConsole({ ...tokens, cell }),
    );
    const ada = await one?.signIn(adminToken);
    const ben = await other?.signIn(adminToken);
    expect([ada?.cookie, ben?.cookie]).toEqual([
      expect.stringMatching(/^jidoka_session=/),
      expect.stringMatching(/^jidoka_session_shop%20eu=/),
    ]);
    const headers = { cookie: `${ada?.cookie}; ${ben?.cookie}` };
    for (const site of [one, other]) {
      expect((await site?.call('/sign-in', { headers }))?.body).toContain('ada');
    }
  });

  test('who signs out is out', async () => {
    const { call, signIn } = createFakeConsole(tokens);
    const { cookie, csrf } = await signIn(adminToken);
    const out = await call('/sign-out', { headers: { cookie }, form: { csrf } });
    expect(out.headers.get('set-cookie')).toMatch(/^jidoka_session=; Max-Age=0/);
  });

  test('a copy of the cookie is worth nothing after the sign-out, and other sessions stay', async () => {
    const { call, signIn, known } = createFakeConsole(tokens);
    const [ada, ben] = [await signIn(adminToken, 'ada'), await signIn(adminToken, 'ben')];
    const headers = { cookie: ada.cookie };
    await call('/sign-out', { headers, form: { csrf: ada.csrf } });
    expect((await call('/runs/r1', { headers })).headers.get('location')).toContain('/sign-in');
    expect((await call('/events', { headers })).status).toBe(401);
    const pause = { csrf: ada.csrf, of: 'everything', why: 'stolen', for: '1h' };
    const posted = await call('/pauses', { headers, form: pause });
    expect([posted.status, posted.headers.get('location')]).toEqual([
      303,
      expect.stringContaining('/sign-in'),
    ]);
    expect((await call('/sign-in', { headers: { cookie: ben.cookie } })).body).toContain('ben');
    // no longer than the session itself would have lasted
    expect([...known.values()]).toEqual([sessionMs]);
  });

  test('a sign-out that Redis does not take is told, and not pretended', async () => {
    const { call, signIn } = createFakeConsole({
      ...tokens,
      ledger: createLedger({
        redis: Object.assign(brokenRedis(), { exists: async () => 0 }),
        cell: 'test',
      }),
    });
    const { cookie, csrf } = await signIn(adminToken);
    expect((await call('/sign-out', { headers: { cookie }, form: { csrf } })).status).toBe(503);
  });
});

describe('what is posted', () => {
  const tokens = { adminToken, viewerToken };

  test.each([
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from a neighbour of this site', { 'sec-fetch-site': 'same-site' }],
    ['by a bookmark or a program that says so', { 'sec-fetch-site': 'none' }],
    ['from another origin, as an older browser says', { origin: 'http://evil.example' }],
    ['from a page without an origin', { origin: 'null' }],
    ['by somebody who says nothing', {}],
  ])('is refused when it comes %s', async (_, headers) => {
    const { app } = createFakeConsole(tokens);
    const answer = await app.request('/sign-in', {
      method: 'POST',
      body: new URLSearchParams({ name: 'ada', token: adminToken }),
      headers: { host: 'localhost:9095', ...(headers as Record<string, string>) },
    });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('is taken from an older browser that names our own origin', async () => {
    const { app } = createFakeConsole(tokens);
    const answer = await app.request('/sign-in', {
      method: 'POST',
      body: new URLSearchParams({ name: 'ada', token: adminToken }),
      headers: { host: 'jidoka.lan:9095', origin: 'http://jidoka.lan:9095' },
    });
    expect(answer.status).toBe(303);
  });

  test('needs the token of the very session', async () => {
    const { call, signIn } = createFakeConsole(tokens);
    const [ada, ben] = [await signIn(adminToken, 'ada'), await signIn(adminToken, 'ben')];
    const headers = { cookie: ada.cookie };
    for (const form of [{}, { csrf: '' }, { csrf: ben.csrf }]) {
      const { status, body } = await call('/sign-out', { headers, form });
      expect([status, body]).toEqual([403, expect.stringContaining('too old')]);
    }
    expect((await call('/sign-out', { headers, form: { csrf: ada.csrf } })).status).toBe(303);
  });

  test.each([
    ['multipart without its boundary', 'multipart/form-data', 'name=ada'],
    ['multipart that is none', 'multipart/form-data; boundary=x', 'no part at all'],
    ['multipart that is cut off', 'multipart/form-data; boundary=x', '--x\r\ncontent-disp'],
    ['JSON', 'application/json', '{'],
    ['text', 'text/plain', 'name=ada'],
  ])('is refused with 400 when it is %s', async (_, type, body) => {
    const { app, signIn, logged } = createFakeConsole(tokens);
    const { cookie } = await signIn(adminToken);
    for (const path of ['/sign-in', '/sign-out', '/pauses']) {
      const headers = { 'sec-fetch-site': 'same-origin', 'content-type': type, cookie };
      const answer = await app.request(path, { method: 'POST', body, headers });
      expect([path, answer.status]).toEqual([path, 400]);
    }
    expect(logged.join()).not.toContain('stack');
  });

  test('is no more than a form', async () => {
    const { call } = createFakeConsole(tokens);
    const form = { name: 'a'.repeat(100_000), token: adminToken };
    expect((await call('/sign-in', { form })).status).toBe(413);
  });
});

describe('every page', () => {
  test('allows nothing but what is ours, and is kept by nobody', async () => {
    const { headers, body } = await createFakeConsole().call('/sign-in');
    const policy = headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    // browsers would name no origin in what they post
    expect(headers.get('referrer-policy')).toBe('same-origin');
    expect(body).not.toMatch(/<style|style=|<script[^>]*>[^<]|\son\w+=/);
    expect(csrfIn(body)).toBe('');
  });

  test('has its stylesheet, script and icon under names that change with them', async () => {
    const { call } = createFakeConsole({ adminToken });
    const { body } = await call('/sign-in');
    const paths = [...body.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
    expect(new Set(paths).size).toBe(3);
    for (const path of paths) {
      const { status, headers } = await call(path ?? '');
      expect([status, headers.get('cache-control')]).toEqual([
        200,
        expect.stringContaining('immutable'),
      ]);
    }
  });

  test('says that it is not there where it is not', async () => {
    const { status, body } = await createFakeConsole().call('/runs/r1/no/such/page');
    expect([status, body]).toEqual([404, expect.stringContaining('Not found')]);
  });

  test('says to try again where Redis does not answer, and nothing of what Redis was asked', async () => {
    const { call, logged } = createFakeConsole();
    for (const path of ['/', '/runs', '/runs/r1', '/alerts', '/alerts/a-1', '/escalations/e1']) {
      const { status, body } = await call(path);
      expect([path, status, body]).toEqual([path, 503, expect.stringContaining('Try again')]);
      expect(body + logged.join()).not.toContain(secret);
    }
  });
});
