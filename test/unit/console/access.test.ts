import { describe, expect, test, vi } from 'vitest';
import { secret } from '../receiver/fake-parts.js';
import { createFakeConsole, csrfIn } from './fake-console.js';

const adminToken = 'admin-token-for-tests';
const viewerToken = 'viewer-token-for-tests';

describe('without a token', () => {
  test('a browser on this machine is let in as an operator', async () => {
    const { status, body } = await createFakeConsole().call('/sign-in');
    expect(status).toBe(200);
    expect(body).toContain('Who are you?');
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

  test.each(['//evil.example', 'https://evil.example', '/\\evil.example', '/\t/evil.example', ''])(
    'signing in leads to no place outside, such as %j',
    async (to) => {
      const { call } = createFakeConsole(tokens);
      const form = { name: 'ada', token: adminToken, to };
      expect((await call('/sign-in', { form })).headers.get('location')).toBe('/');
    },
  );

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
    await vi.waitFor(() => expect(logged.join()).toContain('wrong token'));
    // while the first waits, not even the right one is looked at from there; from elsewhere it is
    const right = { name: 'ada', token: adminToken };
    expect((await call('/sign-in', { form: right })).status).toBe(429);
    expect((await call('/sign-in', { form: right, address: '10.0.0.8' })).status).toBe(303);
    expect(answered).toBe(false);
    const { status, body } = await first;
    expect(status).toBe(401);
    expect(body + logged.join()).not.toContain(guess.token);
    expect((await call('/sign-in', { form: right })).status).toBe(303);
  });

  test('behind a proxy one who guesses keeps nobody else out, and pretending to be many has a limit', async () => {
    const { call } = createFakeConsole(tokens);
    const guess = (client: string) =>
      call('/sign-in', {
        form: { name: 'eve', token: 'wrong' },
        headers: { 'x-forwarded-for': `1.1.1.1, ${client}` },
      });
    const right = (client: string) =>
      call('/sign-in', {
        form: { name: 'ada', token: adminToken },
        headers: { 'x-forwarded-for': client },
      });
    const first = guess('10.0.0.66');
    expect((await right('10.0.0.66')).status).toBe(429);
    expect((await right('10.0.0.7')).status).toBe(303);
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
    expect([status, body]).toEqual([404, expect.stringContaining('Not here')]);
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
