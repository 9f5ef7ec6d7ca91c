import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AllowedHost } from '../../src/integrations/contract/allowed-host.js';
import { createHttp } from '../../src/integrations/http/client.js';
import { createHttpRequest } from '../../src/integrations/http/request.js';
import { type Bench, startBench } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { type HttpServer, startHttpServer } from '../support/http-server.js';

/* http.request from the alert to the server and back: the engine on a real Redis, a real server. */

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const secret = 'Bearer correct-horse-battery-staple';
let bench: Bench;
let server: HttpServer;
let elsewhere: HttpServer;

beforeEach(async () => {
  server = await startHttpServer();
  elsewhere = await startHttpServer();
});
afterEach(async () => {
  await bench.stop();
  await server.stop();
  await elsewhere.stop();
});

async function start({
  origin = server.origin,
  step = '',
  settings = '',
  authorization,
  credentials = {},
}: {
  readonly origin?: string;
  readonly step?: string;
  readonly settings?: string;
  readonly authorization?: string;
  readonly credentials?: Readonly<Record<string, string>>;
} = {}): Promise<Bench> {
  const hosts: AllowedHost[] = [{ origin, authorization }];
  const http = createHttp({ hosts: () => hosts, credentials });
  bench = await startBench({
    actions: [createHttpRequest({ http })],
    policy: `http: { hosts: [{ url: "${origin}" }] }`,
    playbooks: [
      `
name: restart-job
summary: Has the job restart a service.
match: alertname = "Slow"
mode: auto
steps:
  - http.request: { url: "${origin}/job/\${{ labels.service }}?by=jidoka", timeout: 1s${step} }
    settle: 2m${settings}
guards: { cooldown: 0 }
`,
    ],
  });
  return bench;
}

async function only() {
  const [run, ...others] = await bench.runs();
  expect(others).toEqual([]);
  return run;
}

const told = async () => (await bench.escalations()).map(({ value }) => value.reason);

/** Everything that Redis holds and everything that was logged. */
async function allTold(): Promise<string> {
  const records = ['run', 'episode', 'escalation'] as const;
  const audited = await Promise.all(records.map((subject) => bench.audited(subject)));
  const told = [await bench.runs(), await bench.escalations(), audited, bench.logged];
  return JSON.stringify(told);
}

describe('a call', () => {
  test('that is answered with 2xx is done; the run is over when its alert resolves', async () => {
    server.answer = (_, reply) => reply(201, 'queued as\r\nnumber 7');
    await start({ step: ', body: { service: "${{ labels.service }}", times: 2 }' });
    await bench.take([{ labels: slow }]);
    expect(server.requests).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: '/job/web?by=jidoka',
        body: '{"service":"web","times":2}',
        headers: expect.objectContaining({
          'content-type': 'application/json',
          'idempotency-key': `${(await only())?.id}-1`,
          connection: 'close',
        }),
      }),
    ]);
    const target = `POST ${server.origin}/job/web?by=jidoka`;
    expect(await only()).toMatchObject({
      state: 'settling',
      attempts: [
        {
          change: {
            target: { name: target },
            op: { kind: 'call', body: '{"service":"web","times":2}' },
          },
        },
      ],
    });
    expect(await bench.audited('run')).toContainEqual(
      expect.objectContaining({
        event: 'applied',
        detail: 'answered 201 Created: queued as number 7',
      }),
    );
    await bench.take([{ labels: slow, resolved: true }]);
    expect(await only()).toMatchObject({ state: 'ended', outcome: { kind: 'done' } });
    expect(await told()).toEqual([]);
  });

  test('is made again only where the step says so, and with another key', async () => {
    await start({ settings: '\n    repeat: 2' });
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    const { id = '' } = (await only()) ?? {};
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys).toEqual([`${id}-1`, `${id}-2`]);
    expect(await told()).toEqual(['exhausted']);
  });

  test.each([
    ['400', 'rejected'],
    ['401', 'rejected'],
    ['404', 'target_not_found'],
    ['308', 'rejected'],
  ])('that is answered with %s is refused for good', async (status, reason) => {
    server.answer = (_, reply) => reply(Number(status), '', { location: `${elsewhere.origin}/x` });
    await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(server.requests).toHaveLength(1);
    expect(elsewhere.requests).toEqual([]);
    expect(await only()).toMatchObject({ outcome: { kind: 'failed', reason } });
    expect(await told()).toEqual([reason]);
  });

  test.each([429, 503])(
    'that is answered with %i is made later, with the same key',
    async (status) => {
      server.answer = (_, reply) => reply(server.requests.length === 1 ? status : 200);
      await start();
      await bench.take([{ labels: slow }]);
      expect(await only()).toMatchObject({ state: 'planning', attempts: [] });
      await bench.pass(10_000);
      const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
      expect(keys).toEqual([`${(await only())?.id}-1`, `${(await only())?.id}-1`]);
      expect(await only()).toMatchObject({ state: 'settling' });
    },
  );

  const unknown: [string, (server: HttpServer) => void][] = [
    [
      'is reset',
      (at) => {
        at.answer = (_, _reply, socket) => socket.resetAndDestroy();
      },
    ],
    [
      'is closed on without an answer',
      (at) => {
        at.answer = (_, _reply, socket) => socket.end();
      },
    ],
    [
      'never gets an answer',
      (at) => {
        at.answer = () => undefined;
      },
    ],
    [
      'is answered with 500',
      (at) => {
        at.answer = (_, reply) => reply(500);
      },
    ],
    [
      'is answered with 502',
      (at) => {
        at.answer = (_, reply) => reply(502);
      },
    ],
    [
      'is answered with no HTTP',
      (at) => {
        at.answer = (_, _reply, socket) => socket.end('nothing\r\n\r\n');
      },
    ],
    [
      'is sent on to another host',
      (at) => {
        at.answer = (_, reply) => reply(302, '', { location: `${elsewhere.origin}/x?token=abc` });
      },
    ],
  ];
  test.each(unknown)('that %s is not made again: a person is told at once', async (_, prepare) => {
    prepare(server);
    await start();
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({
      state: 'ended',
      outcome: { kind: 'unknown', reason: 'unknown_outcome' },
    });
    expect(await told()).toEqual(['unknown_outcome']);
    await bench.pass(30 * minute);
    expect(server.requests).toHaveLength(1);
    expect(elsewhere.requests).toEqual([]);
    expect(await allTold()).not.toContain('token=abc');
  });

  test('is done where the status says so, however long and broken its body is', async () => {
    server.answer = (_, reply) => reply(200, Buffer.alloc(1024 * 1024, 'x'));
    await start();
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'settling' });
    expect((await allTold()).length).toBeLessThan(20_000);
    await eventually(
      'the connection is closed',
      async () => server.open(),
      (open) => open === 0,
    );
  });

  test('is done where the body never ends', async () => {
    server.answer = (_, _reply, socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf');
    await start();
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'settling' });
    await eventually(
      'the connection is closed',
      async () => server.open(),
      (open) => open === 0,
    );
  });

  test.each([
    ['refuses connections', async () => freeOrigin()],
    ['has no address', async () => 'http://there-is-no-such-host.invalid'],
    ['speaks no TLS', async () => server.origin.replace('http:', 'https:')],
  ])('of a host that %s is known not to have been made, and is tried later', async (_, host) => {
    await start({ origin: await host() });
    await bench.take([{ labels: slow }]);
    const run = await only();
    expect(run).toMatchObject({ state: 'planning', waiting: { reason: 'target_unavailable' } });
    expect(run?.waiting?.detail).toContain('was not sent');
    expect(run?.attempts).toEqual([]);
  });
});

describe('a call whose sender is gone', () => {
  test('is not made again: nobody can know whether it was made, and a person is told', async () => {
    await start();
    const { ledger } = bench;
    const dying = bench.another({
      ledger: {
        ...ledger,
        commit: async (transaction) => {
          if (server.requests.length > 0) throw new Error('gone');
          return ledger.commit(transaction);
        },
      },
    });
    const living = bench.engine;
    bench.use(dying);
    await bench.take([{ labels: slow }]).catch(() => undefined);
    expect(server.requests).toHaveLength(1);
    expect(await only()).toMatchObject({ state: 'applying' });
    bench.use(living);
    await bench.pass(30 * minute);
    expect(server.requests).toHaveLength(1);
    expect(await only()).toMatchObject({ outcome: { kind: 'unknown', reason: 'unknown_outcome' } });
    expect(await told()).toEqual(['unknown_outcome']);
  });
});

describe('the credentials of a host', () => {
  test('reach it, and appear nowhere, even if it gives them back', async () => {
    server.answer = ({ headers }, reply) => reply(500, `you said ${headers.authorization}`);
    await start({ authorization: 'JIDOKA_HTTP_CI', credentials: { JIDOKA_HTTP_CI: secret } });
    await bench.take([{ labels: slow }]);
    expect(server.requests[0]?.headers.authorization).toBe(secret);
    const all = await allTold();
    expect(all).toContain('you said [secret]');
    expect(all).not.toContain('correct-horse');
  });

  test('are missed before anything is sent', async () => {
    await start({ authorization: 'JIDOKA_HTTP_CI' });
    await bench.take([{ labels: slow }]);
    expect(server.requests).toEqual([]);
    expect(await told()).toEqual(['rejected']);
    expect(await allTold()).toContain('JIDOKA_HTTP_CI, which is not set');
  });
});

test('a host that is not listed any more is not called, whatever was planned', async () => {
  const hosts: AllowedHost[] = [{ origin: server.origin }];
  const http = createHttp({ hosts: () => hosts, credentials: {} });
  await start();
  const call = { method: 'POST', url: `${server.origin}/`, timeoutMs: 1_000, key: 'a' };
  await http.send(call);
  hosts.pop();
  await expect(http.send(call)).rejects.toMatchObject({ name: 'TargetError', kind: 'forbidden' });
  expect(server.requests).toHaveLength(1);
});

/** An address on loopback at which nothing listens. */
async function freeOrigin(): Promise<string> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as { port: number };
  await new Promise((resolve) => probe.close(resolve));
  return `http://127.0.0.1:${port}`;
}
