import { Hono } from 'hono';
import { pino } from 'pino';
import { describe, expect, it, test } from 'vitest';
import { createAdminGuard } from '../../../src/api/admin-guard.js';

interface Caller {
  readonly adminToken?: string;
  readonly facing?: string;
  readonly viewerToken?: string;
  readonly address?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly posts?: 'json' | 'nothing';
}

async function call({
  adminToken,
  facing,
  viewerToken,
  address,
  headers = {},
  method = 'GET',
  posts = 'json',
}: Caller) {
  const app = new Hono();
  const log = pino({ level: 'silent' });
  app.use(
    createAdminGuard({ adminToken, facing, viewerToken, posts, addressOf: () => address, log }),
  );
  app.all('*', (c) => c.json({ error: '' }));
  const response = await app.request('/api/v1/runs', { method, headers });
  const { error } = (await response.json()) as { error: string };
  return { status: response.status, error, headers: response.headers };
}

describe('without a token', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1:9095'],
    ['127.0.0.1', 'localhost:9095'],
    ['127.0.0.1', 'LOCALHOST'],
    ['::1', '[::1]:9095'],
    ['::ffff:127.0.0.1', 'localhost'],
  ])('lets in %s, who calls us %s', async (address, host) => {
    expect((await call({ address, headers: { host } })).status).toBe(200);
  });

  it.each([
    ['another machine', '10.0.0.7', { host: 'localhost' }],
    ['an unknown address', undefined, { host: 'localhost' }],
    ['a name that was made to point here', '127.0.0.1', { host: 'evil.example:9095' }],
    ['a name that only looks local', '127.0.0.1', { host: 'localhost.evil.example' }],
    ['no name', '127.0.0.1', {}],
    ['a proxy', '127.0.0.1', { host: 'localhost', 'x-forwarded-for': '10.0.0.7' }],
    ['a proxy of the newer kind', '127.0.0.1', { host: 'localhost', forwarded: 'for=10.0.0.7' }],
    ['a proxy that names the host', '127.0.0.1', { host: 'localhost', 'x-forwarded-host': 'a.b' }],
    ['a proxy that names itself', '127.0.0.1', { host: 'localhost', via: '1.1 cache' }],
    ['a network before us', '127.0.0.1', { host: 'localhost', 'cf-connecting-ip': '10.0.0.7' }],
    ['a load balancer', '127.0.0.1', { host: 'localhost', 'x-envoy-external-address': '10.0.0.7' }],
  ])('refuses %s and says which variable to set', async (_, address, headers) => {
    const { status, error } = await call({ address, headers: { ...headers } });
    expect(status).toBe(403);
    expect(error).toContain('set JIDOKA_ADMIN_TOKEN');
  });

  it.each(['JIDOKA_WEBHOOK_TOKEN', 'JIDOKA_EXTERNAL_URL', 'SLACK_SIGNING_SECRET'])(
    'lets nobody in where %s says that others reach this engine, and names it',
    async (facing) => {
      // as nginx passes a stranger on, with nothing but its defaults
      const nginx = { facing, address: '127.0.0.1', headers: { host: '127.0.0.1:9095' } };
      const { status, error } = await call(nginx);
      expect([status, error]).toEqual([403, expect.stringContaining(`${facing} says`)]);
      expect(error).toContain('set JIDOKA_ADMIN_TOKEN');
      const headers = { ...nginx.headers, authorization: 'Bearer a-token' };
      expect((await call({ ...nginx, adminToken: 'a-token', headers })).status).toBe(200);
    },
  );

  it('takes JSON only, which a web page of another origin cannot send unasked', async () => {
    const local = { address: '127.0.0.1', method: 'POST' };
    const post = (type: string) =>
      call({ ...local, headers: { host: 'localhost', 'content-type': type } });
    expect((await post('application/json; charset=utf-8')).status).toBe(200);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp']) {
      expect((await post(type)).status).toBe(415);
    }
    expect((await call({ ...local, headers: { host: 'localhost' } })).status).toBe(415);
  });

  it('takes a post of nothing where nothing is posted, but not from a web page', async () => {
    const local = { address: '127.0.0.1', method: 'POST', posts: 'nothing' } as const;
    expect((await call({ ...local, headers: { host: 'localhost' } })).status).toBe(200);
    const stranger = { ...local, address: '10.0.0.7' };
    expect((await call({ ...stranger, headers: { host: 'localhost' } })).status).toBe(403);
    for (const added of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }]) {
      const { status, error } = await call({ ...local, headers: { host: 'localhost', ...added } });
      expect([status, error]).toEqual([403, expect.stringContaining('no web page')]);
    }
  });
});

describe('with a token', () => {
  const adminToken = 'a-token';

  it('lets in who presents it, from anywhere', async () => {
    const headers = { authorization: 'Bearer a-token', host: 'jidoka.example' };
    expect((await call({ adminToken, address: '10.0.0.7', headers })).status).toBe(200);
  });

  it.each([{}, { authorization: 'Bearer other' }, { authorization: 'Basic OmEtdG9rZW4=' }])(
    'refuses %j even from this machine',
    async (headers) => {
      const { status, headers: answered } = await call({
        adminToken,
        address: '127.0.0.1',
        headers: { host: 'localhost', ...headers },
      });
      expect(status).toBe(401);
      expect(answered.get('www-authenticate')).toMatch(/^Bearer/);
    },
  );
});

test('a viewer reads and changes nothing', async () => {
  const viewer = {
    adminToken: 'a-token',
    viewerToken: 'a-viewer',
    address: '10.0.0.7',
    headers: { authorization: 'Bearer a-viewer', 'content-type': 'application/json' },
  };
  expect((await call(viewer)).status).toBe(200);
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const { status, error } = await call({ ...viewer, method });
    expect([status, error]).toEqual([403, expect.stringContaining('JIDOKA_VIEWER_TOKEN')]);
  }
});
