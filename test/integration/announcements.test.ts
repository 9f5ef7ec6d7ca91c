import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import type {
  AnnouncedNode,
  AnnouncedService,
  AnnouncedWorld,
} from '../../src/announcements/announced-world.js';
import { readAnnouncementSettings } from '../../src/announcements/settings.js';
import { createDockerFlow } from '../../src/api/docker-flow.js';
import { createAnnouncer } from '../../src/engine/announcements/announcer.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { systemClock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { untilPasses } from '../support/eventually.js';
import { startHttpServer } from '../support/http-server.js';
import { usePart } from '../support/parts.js';

/* Announcements of services and nodes: workers on a real Redis, and receivers that note what they are sent. */

const service = (name: string, patch: Partial<AnnouncedService> = {}): AnnouncedService => ({
  ...{ id: `id-${name}`, name, version: 10, digest: 'a', replicas: 1, isConverged: true },
  labels: { 'com.df.notify': 'true', 'com.df.port': '80' },
  tasks: [],
  ...patch,
});
const node = (id: string, patch: Partial<AnnouncedNode> = {}): AnnouncedNode => ({
  ...{ id, name: `host-${id}`, version: 5, address: '10.0.0.1', state: 'ready' },
  ...{ role: 'worker', availability: 'active', labels: {}, engineLabels: {} },
  ...patch,
});

/** A ledger of its own. */
function startLedger() {
  const redis = new Redis(usePart('redis').url);
  const ledger = createLedger({ redis, cell: `announcements-${randomUUID()}` });
  onTestFinished(async () => {
    await redis.del(...(await redis.keys(`${ledger.keys.announced.split(':')[0]}:*`)), 'none');
    redis.disconnect();
  });
  return ledger;
}

/** A receiver that notes the path and the query of each request. */
async function startReceiver() {
  const server = await startHttpServer();
  onTestFinished(server.stop);
  const { origin } = server;
  /** The requests to a path, as queries. */
  const got = (path: string) =>
    server.requests
      .map((one) => new URL(one.path, origin))
      .filter(({ pathname }) => pathname === path)
      .map(({ searchParams }) => Object.fromEntries(searchParams));
  return { ...server, server, got };
}

/** A worker that looks again and again. */
function startWorker(ledger: Ledger, env: Record<string, string>) {
  const settings = readAnnouncementSettings({
    text: (name) => env[name],
    secret: (name) => env[name],
    fault: (fault) => expect.fail(fault),
  });
  const metrics = createMetrics();
  let aheadMs = 0;
  const announcer = createAnnouncer({
    ledger,
    settings: { ...settings, retryMs: 20 },
    metrics,
    clock: { now: () => systemClock.now() + aheadMs },
    log: createLogger('silent'),
  });
  const gone = new Set<string>();
  const readAgain: unknown[] = [];
  const faults: unknown[] = [];
  let isAway = false;
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= announcer
      .look()
      .catch((error: unknown) => void faults.push(error))
      .finally(() => {
        looking = undefined;
      });
  }, 20);
  /** As a worker that is killed. */
  const kill = () => clearInterval(timer);
  const stop = async () => {
    kill();
    await looking;
    await announcer.stop();
  };
  onTestFinished(async () => {
    announcer.take(null);
    await stop();
  });
  return {
    ...{ stop, kill, readAgain, faults },
    /** What it sees of the Swarm. */
    see(
      services: readonly AnnouncedService[] | null,
      nodes: readonly AnnouncedNode[] | 'unreadable' = [],
    ): void {
      const world: AnnouncedWorld | null = services && {
        ...{ services, nodes: nodes === 'unreadable' ? undefined : nodes },
        async isGone(_kind, id) {
          if (isAway) throw new Error('no answer');
          return gone.has(id);
        },
        readAgain: (what) => void readAgain.push(what),
      };
      announcer.take(world);
    },
    /** Removes something from the Swarm. */
    remove: (id: string) => void gone.add(id),
    goAway: () => {
      isAway = true;
    },
    ahead(ms: number) {
      aheadMs += ms;
    },
    count: async () =>
      (await metrics.registry.metrics())
        .split('\n')
        .filter((line) => line.startsWith('jidoka_announcements_total{')),
  };
}

const kept = (ledger: Ledger) => ledger.redis.hkeys(ledger.keys.announced);
const rounds = (count = 10) => new Promise((resolve) => setTimeout(resolve, count * 20));

test('services are announced when they are created, changed and removed, to each address', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/one/reconfigure?a=b,${origin}/two/reconfigure`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${origin}/one/remove,${origin}/two/remove`,
  });
  const web = service('web');
  worker.see([web, service('silent', { labels: { 'com.df.notify': 'false' } })]);
  const created = { serviceName: 'web', replicas: '1', distribute: 'true', notify: 'true' };
  await untilPasses(() => {
    expect(got('/one/reconfigure')).toEqual([{ a: 'b', port: '80', ...created }]);
    expect(got('/two/reconfigure')).toEqual([{ port: '80', ...created }]);
  });

  worker.see([{ ...web, version: 11, digest: 'b', replicas: 3 }]);
  await untilPasses(() =>
    expect(got('/two/reconfigure').map(({ replicas }) => replicas)).toEqual(['1', '3']),
  );
  // only the version rises: a rollout goes on, and nothing of it is announced
  worker.see([{ ...web, version: 12, digest: 'b', replicas: 3 }]);
  await rounds();
  expect(got('/one/reconfigure')).toHaveLength(2);

  worker.remove(web.id);
  worker.see([]);
  const removed = { serviceName: 'web', distribute: 'true', notify: 'true', port: '80' };
  await untilPasses(() => {
    expect(got('/one/remove')).toEqual([removed]);
    expect(got('/two/remove')).toEqual([removed]);
  });
  await untilPasses(async () => expect(await kept(ledger)).toEqual([]));
  expect(await worker.count()).toEqual([
    'jidoka_announcements_total{kind="service",event="create",result="delivered"} 4',
    'jidoka_announcements_total{kind="service",event="remove",result="delivered"} 2',
  ]);
});

test('a service without its label, or under another name, is removed under the name that it had', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${origin}/remove`,
  });
  const labels = { 'com.df.notify': 'true', 'com.docker.stack.namespace': 'shop' };
  const web = service('shop_web', { labels });
  worker.see([web]);
  await untilPasses(() => expect(got('/create')).toHaveLength(1));
  worker.see([
    { ...web, version: 11, digest: 'b', labels: { ...labels, 'com.df.shortName': 'true' } },
  ]);
  await untilPasses(() => {
    expect(got('/create').map(({ serviceName }) => serviceName)).toEqual(['shop_web', 'web']);
    expect(got('/remove').map(({ serviceName }) => serviceName)).toEqual(['shop_web']);
  });
  worker.see([{ ...web, version: 12, digest: 'c', labels: {} }]);
  await untilPasses(() => expect(got('/remove')).toHaveLength(2));
});

test('a request is tried again until it is taken: 200, and 409 on create only', async () => {
  const ledger = startLedger();
  const { server, origin, got } = await startReceiver();
  const statuses = [503, 500, 409, 409, 404, 200];
  server.answer = (_, reply) => reply(statuses.shift() ?? 500);
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${origin}/remove`,
  });
  worker.see([service('web')]);
  await untilPasses(() => expect(got('/create')).toHaveLength(3));
  await rounds();
  worker.remove('id-web');
  worker.see([]);
  await untilPasses(async () => expect(await kept(ledger)).toEqual([]));
  expect([got('/create').length, got('/remove').length]).toEqual([3, 3]);
});

test('a receiver that never takes it is given up after the attempts, and others get it all the same', async () => {
  const ledger = startLedger();
  const { server, origin, got } = await startReceiver();
  server.answer = ({ path }, reply) => reply(path.startsWith('/dead') ? 500 : 200);
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/dead,${origin}/alive`,
    DF_RETRY: '3',
  });
  worker.see([service('web')]);
  await untilPasses(async () =>
    expect(await worker.count()).toContain(
      'jidoka_announcements_total{kind="service",event="create",result="failed"} 1',
    ),
  );
  await rounds();
  expect([got('/dead').length, got('/alive').length]).toEqual([4, 1]);
});

test('a newer event overtakes an older one, and waits for a request that is on its way', async () => {
  const ledger = startLedger();
  const { server, origin } = await startReceiver();
  const order: string[] = [];
  let finishFirst = () => {};
  server.answer = ({ path }, reply) => {
    const { pathname, searchParams } = new URL(path, origin);
    const name = `${pathname} ${searchParams.get('replicas') ?? ''}`.trim();
    order.push(`${name} began`);
    const end = (status: number) => {
      order.push(`${name} answered`);
      reply(status);
    };
    if (order.length === 1) finishFirst = () => end(500);
    else end(200);
  };
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${origin}/remove`,
  });
  worker.see([service('web')]);
  await untilPasses(() => expect(order).toEqual(['/create 1 began']));
  worker.see([service('web', { version: 11, digest: 'b', replicas: 2 })]);
  await rounds();
  worker.remove('id-web');
  worker.see([]);
  await rounds();
  expect(order).toHaveLength(1);
  finishFirst();
  await untilPasses(async () => expect(await kept(ledger)).toEqual([]));
  expect(order).toEqual([
    ...['/create 1 began', '/create 1 answered', '/remove began', '/remove answered'],
  ]);
});

test('a service that is created again at once is not removed by what came before', async () => {
  const ledger = startLedger();
  const { server, origin } = await startReceiver();
  const order: string[] = [];
  let isDown = true;
  server.answer = ({ path }, reply) => {
    const { pathname } = new URL(path, origin);
    if (isDown && pathname === '/remove') return reply(500);
    order.push(pathname);
    return reply(200);
  };
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${origin}/remove`,
  });
  worker.see([service('web')]);
  await untilPasses(() => expect(order).toEqual(['/create']));
  worker.remove('id-web');
  worker.see([]);
  await untilPasses(async () =>
    expect((await worker.count()).join()).toContain('event="remove",result="retried"'),
  );
  worker.see([service('web', { id: 'id-new', version: 20 })]);
  await untilPasses(() => expect(order).toEqual(['/create', '/create']));
  isDown = false;
  await rounds();
  expect(order).toEqual(['/create', '/create']);
});

test('after a restart only that is announced which has changed or was not delivered', async () => {
  const ledger = startLedger();
  const { server, origin, got } = await startReceiver();
  server.answer = ({ path }, reply) => reply(path.includes('serviceName=slow') ? 500 : 200);
  const env = {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${origin}/remove`,
  };
  const first = startWorker(ledger, env);
  first.see([service('same'), service('changed'), service('removed'), service('slow')]);
  await untilPasses(() => {
    const names = new Set(got('/create').map(({ serviceName }) => serviceName));
    expect([...names].sort()).toEqual(['changed', 'removed', 'same', 'slow']);
  });
  await rounds();
  first.kill();
  first.see(null);
  await first.stop();
  server.requests.length = 0;
  server.answer = (_, reply) => reply(200);

  const second = startWorker(ledger, {
    ...env,
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create,${origin}/more`,
  });
  second.remove('id-removed');
  second.see([
    ...[service('same'), service('slow'), service('new')],
    service('changed', { version: 11, digest: 'b', replicas: 5 }),
  ]);
  await untilPasses(() => {
    expect(
      got('/create')
        .map(({ serviceName }) => serviceName)
        .sort(),
    ).toEqual([...['changed', 'new', 'slow']]);
    expect(got('/remove').map(({ serviceName }) => serviceName)).toEqual(['removed']);
    // an address that is new gets all of them
    expect(got('/more')).toHaveLength(4);
  });
});

test('one worker of a cell announces, another takes over when it is gone, and none is told twice', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const env = { DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create` };
  const workers = [startWorker(ledger, env), startWorker(ledger, env), startWorker(ledger, env)];
  const all = Array.from({ length: 30 }, (_, index) => service(`s${index}`));
  for (const worker of workers) worker.see(all);
  await untilPasses(() => expect(got('/create')).toHaveLength(30));
  await untilPasses(async () => {
    const records = await ledger.redis.hvals(ledger.keys.announced);
    expect(records.filter((text) => text.includes('"settled":[]'))).toEqual([]);
  });
  const told = await Promise.all(workers.map((worker) => worker.count()));
  const active = told.findIndex((lines) => lines.length > 0);
  expect(told.filter((lines) => lines.length > 0)).toHaveLength(1);

  // killed, it gives nothing back: its turn passes by itself
  workers[active]?.kill();
  await ledger.redis.pexpire(ledger.keys.announcer, 1);
  for (const worker of workers) {
    worker.see([...all, service('late')]);
  }
  await untilPasses(() => expect(got('/create')).toHaveLength(31));
  await rounds();
  expect(got('/create')).toHaveLength(31);
});

test('a worker whose turn is over sends nothing more', async () => {
  const ledger = startLedger();
  const { server, origin, got } = await startReceiver();
  server.answer = (_, reply) => reply(500);
  const worker = startWorker(ledger, { DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create` });
  worker.see([service('web')]);
  await untilPasses(() => expect(got('/create').length).toBeGreaterThan(2));
  await ledger.redis.set(ledger.keys.announcer, 'another');
  await untilPasses(async () => {
    const before = got('/create').length;
    await rounds();
    expect(got('/create')).toHaveLength(before);
  });
});

test('nothing is announced on a view that lags, that is lost, or that the Swarm does not confirm', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${origin}/remove`,
  });
  const web = service('web', { version: 20, replicas: 4 });
  worker.see([web]);
  await untilPasses(() => expect(got('/create')).toHaveLength(1));
  const nothing = async () => {
    await rounds();
    expect([got('/create').length, got('/remove').length]).toEqual([1, 0]);
  };
  // the Swarm still has it: the view had been read before it was created
  worker.see([]);
  await nothing();
  // as it was before
  worker.see([{ ...web, version: 12, digest: 'old', replicas: 2 }]);
  await nothing();
  worker.see([{ ...web, version: 12, digest: 'old', labels: {} }]);
  await nothing();
  worker.see(null);
  worker.remove(web.id);
  await nothing();
  worker.goAway();
  worker.see([]);
  await nothing();
  expect(worker.faults.map(String)).toContain('Error: no answer');
});

test('a service on a scrape network is announced when it has converged, with the addresses of its tasks', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const env = {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_INCLUDE_NODE_IP_INFO: 'true',
  };
  const labels = { 'com.df.notify': 'true', 'com.df.scrapeNetwork': 'monitor' };
  const tasks = (...addresses: string[]) =>
    addresses.map((address) => ({ nodeId: 'n1', networks: [{ name: 'monitor', address }] }));
  const web = service('web', { labels, isConverged: false });
  const worker = startWorker(ledger, env);
  worker.see([web], [node('n1')]);
  worker.ahead(10_000);
  await rounds();
  expect(got('/create')).toEqual([]);
  worker.see([{ ...web, isConverged: true, tasks: tasks('10.0.0.7') }], [node('n1')]);
  await untilPasses(() =>
    expect(got('/create').map(({ nodeInfo }) => nodeInfo)).toEqual([
      '[["host-n1","10.0.0.7","n1"]]',
    ]),
  );
  // a task was renewed, while the service itself has not changed
  worker.see([{ ...web, isConverged: false, tasks: [] }], [node('n1')]);
  await rounds();
  worker.see([{ ...web, isConverged: true, tasks: tasks('10.0.0.9') }], [node('n1')]);
  await untilPasses(() =>
    expect(got('/create').map(({ nodeInfo }) => nodeInfo)).toEqual([
      ...['[["host-n1","10.0.0.7","n1"]]', '[["host-n1","10.0.0.9","n1"]]'],
    ]),
  );
});

test('with DF_NOTIFY_CREATE_SERVICE_IMMEDIATELY it is announced at once, and again later', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_CREATE_SERVICE_IMMEDIATELY: 'true',
  });
  const labels = { 'com.df.notify': 'true', 'com.df.scrapeNetwork': 'monitor' };
  const web = service('web', { labels, isConverged: false });
  worker.see([web]);
  await untilPasses(() => expect(got('/create')).toHaveLength(1));
  worker.ahead(3_000);
  worker.see([{ ...web, isConverged: true }]);
  await untilPasses(() => expect(got('/create')).toHaveLength(2));
});

test('nodes are announced; one that is down counts as removed; each event tells all services again', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const worker = startWorker(ledger, {
    DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create`,
    DF_NOTIFY_CREATE_NODE_URL: `${origin}/node/create`,
    DF_NOTIFY_REMOVE_NODE_URL: `${origin}/node/remove`,
  });
  const all = [service('web')];
  worker.see(all, [node('n1'), node('n2')]);
  await untilPasses(() => {
    expect(
      got('/node/create')
        .map(({ id }) => id)
        .sort(),
    ).toEqual(['n1', 'n2']);
    expect(got('/create')).toHaveLength(1);
  });
  // a sign of life raises the version only
  worker.see(all, [node('n1', { version: 6 }), node('n2')]);
  await rounds();
  expect(got('/node/create')).toHaveLength(2);

  worker.see(all, [node('n1', { version: 7, state: 'down' }), node('n2')]);
  await untilPasses(() => {
    expect(got('/node/remove')).toEqual([{ id: 'n1', hostname: 'host-n1', address: '10.0.0.1' }]);
    expect(got('/create')).toHaveLength(2);
  });
  worker.see(all, [node('n1', { version: 8, availability: 'drain' }), node('n2')]);
  await untilPasses(() => expect(got('/node/create')).toHaveLength(3));
  // nodes that cannot be read are not gone
  worker.remove('n2');
  worker.see(all, 'unreadable');
  await rounds();
  expect(got('/node/remove')).toHaveLength(1);
  worker.see(all, [node('n1', { version: 8, availability: 'drain' })]);
  await untilPasses(() => expect(got('/node/remove')).toHaveLength(2));
});

test('the addresses of Docker Flow Swarm Listener show what is announced, and announce it again', async () => {
  const ledger = startLedger();
  const { origin, got } = await startReceiver();
  const site = createDockerFlow({ ledger, clock: systemClock });
  const ask = async (path: string) => {
    const answer = await site.request(`/v1/docker-flow-swarm-listener/${path}`);
    return { status: answer.status, body: (await answer.json()) as unknown };
  };
  expect(await ask('ping')).toEqual({ status: 200, body: { Status: 'OK' } });
  expect((await ask('get-services')).status).toBe(503);
  expect((await ask('get-nodes')).status).toBe(503);

  const worker = startWorker(ledger, { DF_NOTIFY_CREATE_SERVICE_URL: `${origin}/create` });
  worker.see([service('web')], [node('n1')]);
  await untilPasses(() => expect(got('/create')).toHaveLength(1));
  expect(await ask('get-services')).toEqual({ status: 200, body: got('/create') });
  expect(await ask('get-nodes')).toMatchObject({
    status: 200,
    body: [{ id: 'n1', hostname: 'host-n1', versionIndex: '5', role: 'worker' }],
  });
  expect(await ask('notify-services')).toEqual({ status: 200, body: { Status: 'OK' } });
  await untilPasses(() => expect(got('/create')).toHaveLength(2));

  worker.see(null);
  await untilPasses(async () => expect((await ask('get-services')).status).toBe(503));
  expect((await site.request('/api/v1/alerts')).status).toBe(404);
  expect((await site.request('/prometheus/targets')).status).toBe(404);
});

test('what Docker Flow Swarm Listener sends is a hint to read again, and nothing of it is kept', async () => {
  const ledger = startLedger();
  const site = createDockerFlow({ ledger, clock: systemClock });
  const ask = async (path: string) => {
    const answer = await site.request(`/v1/docker-flow-monitor/${path}`);
    return { status: answer.status, body: (await answer.json()) as object };
  };
  const query = 'serviceName=eu_web&alertName=evil&alertIf=up&scrapePort=1&replicas=99';
  expect(await ask(`reconfigure?${query}`)).toMatchObject({
    status: 200,
    body: { Status: 'OK', Alerts: [], ServiceName: 'eu_web' },
  });
  await ask(`remove?serviceName=web`);
  await ask('node/reconfigure?id=n1&label=x');
  await ask('node/remove?id=n2');
  for (const path of [
    'reconfigure',
    'remove?serviceName=',
    'node/reconfigure',
    'node/remove?id=',
  ]) {
    expect(await ask(path)).toMatchObject({ status: 400, body: { Status: 'NOK' } });
  }
  expect((await ask('reconfigure?serviceName=../../x')).status).toBe(400);
  expect(await ask('ping')).toMatchObject({ status: 200, body: { Status: 'OK' } });
  const members = (await ledger.redis.smembers(ledger.keys.readAgain)).sort();
  expect(members).toEqual(['nodes', 'service/eu_web', 'service/web']);

  const worker = startWorker(ledger, { DF_SERVICE_NAME_PREFIX: 'eu' });
  worker.see([]);
  await untilPasses(() => expect(worker.readAgain).toHaveLength(3));
  expect(worker.readAgain).toEqual(
    expect.arrayContaining([{ service: 'web' }, { service: 'web' }, 'nodes']),
  );
  expect(await ledger.redis.exists(ledger.keys.readAgain)).toBe(0);
  await Promise.all(Array.from({ length: 300 }, (_, index) => ask(`remove?serviceName=s${index}`)));
  expect(await ledger.redis.scard(ledger.keys.readAgain)).toBeLessThanOrEqual(300);
});
