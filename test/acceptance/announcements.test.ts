import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { untilPasses } from '../support/eventually.js';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { dockerClient, startService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/*
 * A real Swarm, a receiver and workers as processes of their own, and a program in the place of Docker Flow
 * Proxy that notes what it is sent. Workers are killed while services come and go.
 */

const undo: (() => Promise<unknown>)[] = [];
let proxy: HttpServer;
let env: Record<string, string>;
let receiver: Jidoka;

beforeAll(async () => {
  proxy = await startHttpServer();
  undo.push(proxy.stop);
  env = {
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `announcements-${randomUUID()}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_LISTEN: '127.0.0.1',
    JIDOKA_DOCKER_FLOW_PORT: '0',
    DF_NOTIFY_CREATE_SERVICE_URL: `${proxy.origin}/v1/docker-flow-proxy/reconfigure`,
    DF_NOTIFY_REMOVE_SERVICE_URL: `${proxy.origin}/v1/docker-flow-proxy/remove`,
    DF_RETRY_INTERVAL: '1',
  };
  receiver = await startJidoka({ ...env, JIDOKA_ROLE: 'receiver' });
  undo.push(() => receiver.stop());
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

async function startWorker(): Promise<Jidoka> {
  const worker = await startJidoka({ ...env, JIDOKA_ROLE: 'worker' });
  undo.push(() => worker.stop());
  return worker;
}

/** What the proxy was sent about a service, in order. */
const sent = (service: string) =>
  proxy.requests
    .map(({ path }) => new URL(path, proxy.origin))
    .filter(({ searchParams }) => searchParams.get('serviceName') === service)
    .map(({ pathname, searchParams }) => ({
      to: pathname.replace('/v1/docker-flow-proxy/', ''),
      ...Object.fromEntries(searchParams),
    }));

/** Creates a service with labels of Docker Flow Proxy. */
async function create(labels: Readonly<Record<string, string>> = {}) {
  const name = `shop-${randomUUID().slice(0, 8)}`;
  const service = await startService({
    ...{ name, replicas: 1 },
    labels: { 'com.df.notify': 'true', 'com.df.servicePath': '/shop', ...labels },
  });
  let isThere = true;
  const remove = async () => {
    if (isThere) await service.remove();
    isThere = false;
  };
  undo.push(remove);
  return { ...service, remove };
}

async function change(id: string, labels: Readonly<Record<string, string>>): Promise<void> {
  const service = dockerClient().getService(id);
  const { Spec, Version } = (await service.inspect()) as {
    Spec: { Labels: Record<string, string> };
    Version: { Index: number };
  };
  await service.update({ ...Spec, Labels: { ...Spec.Labels, ...labels }, version: Version.Index });
}

const targets = () => fetch(`${receiver.url}/prometheus/targets`);

test('services are announced through kills of workers, and receivers serve what workers saw', async () => {
  // no worker has read the Swarm yet; a caller on this machine needs no token
  expect((await targets()).status).toBe(503);
  const said = receiver.report.join(' ').replaceAll(/\s+/g, ' ');
  expect(said).toContain('keep this port on internal networks');
  const dockerFlow = /without a token on (http:\S+):/.exec(said)?.[1] ?? '';
  const listed = () => fetch(`${dockerFlow}/v1/docker-flow-swarm-listener/get-services`);
  expect((await listed()).status).toBe(503);

  const [kept, changed, removed] = await Promise.all([create(), create(), create()]);
  const first = await startWorker();
  const common = { distribute: 'true', notify: 'true', servicePath: '/shop' };
  const created = (serviceName: string) => ({
    ...{ to: 'reconfigure', serviceName, replicas: '1', ...common },
  });
  await untilPasses(() => {
    for (const { name } of [kept, changed, removed]) expect(sent(name)).toEqual([created(name)]);
  });
  await untilPasses(async () => expect((await targets()).status).toBe(200));
  expect(await (await listed()).json()).toEqual(
    expect.arrayContaining([{ serviceName: kept.name, replicas: '1', ...common }]),
  );
  await change(kept.id, { 'com.df.servicePath': '/new' });
  await untilPasses(() => expect(sent(kept.name)).toHaveLength(2));
  expect(sent(kept.name)[1]).toEqual({ ...created(kept.name), servicePath: '/new' });

  process.kill(first.pid, 'SIGKILL');
  await first.exited;
  await removed.remove();
  await change(changed.id, { 'com.df.port': '8080' });
  const late = await create();
  // what was recorded is not given out when no worker keeps it up
  await untilPasses(async () => expect((await targets()).status).toBe(503));

  await startWorker();
  await untilPasses(() => {
    expect(sent(removed.name)).toEqual([
      created(removed.name),
      { to: 'remove', serviceName: removed.name, ...common },
    ]);
    expect(sent(changed.name)).toEqual([
      created(changed.name),
      { ...created(changed.name), port: '8080' },
    ]);
    expect(sent(late.name)).toEqual([created(late.name)]);
  });
  expect(sent(kept.name)).toHaveLength(2);

  // a second worker repeats nothing, and takes over when the first stops
  const second = await startWorker();
  await fetch(`${dockerFlow}/v1/docker-flow-swarm-listener/notify-services`);
  await untilPasses(() => expect(sent(kept.name)).toHaveLength(3));
  await late.remove();
  await untilPasses(() => expect(sent(late.name).at(-1)?.to).toBe('remove'));
  expect(sent(late.name).filter(({ to }) => to === 'remove')).toHaveLength(1);
  expect(second.report.join(' ')).not.toContain('without a token');
});
