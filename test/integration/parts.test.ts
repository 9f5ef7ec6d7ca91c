import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { untilPasses } from '../support/eventually.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';
import { dockerClient, startService } from '../support/parts/docker.js';
import { startPrometheus } from '../support/parts/prometheus.js';
import { startRedis } from '../support/parts/redis.js';
import { usePart } from '../support/parts.js';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('the shared Redis answers', async () => {
  const redis = new Redis(usePart('redis').url);
  cleanups.push(() => redis.quit());
  expect(await redis.ping()).toBe('PONG');
});

test('a test gets a Redis of its own, which it may kill and start again', async () => {
  // with everysec Redis puts writes off while the disk is busy, and a killed one has lost them
  const server = await startRedis({ appendfsync: 'always' });
  cleanups.push(() => server.stop());
  expect(server.url).not.toBe(usePart('redis').url);
  const redis = new Redis(server.url, { retryStrategy: () => 50 });
  cleanups.push(async () => redis.disconnect());
  redis.on('error', () => {});
  await redis.set('kept', 'yes');
  const lost = once(redis, 'close');
  process.kill(server.pid ?? Number.NaN, 'SIGKILL');
  await lost;
  await server.restart();
  expect(await redis.get('kept')).toBe('yes');
});

test('a real service on the real engine scales from 1 to 3', async () => {
  const service = await startService({ name: 'scales', replicas: 1, labels: { colour: 'blue' } });
  cleanups.push(() => service.remove());
  await untilPasses(async () => expect(await service.running()).toBe(1));

  const handle = dockerClient().getService(service.id);
  const { Spec: spec, Version: version } = await handle.inspect();
  expect(spec.Labels).toEqual({ colour: 'blue' });
  spec.Mode.Replicated.Replicas = 3;
  await handle.update({ _query: { version: version.Index }, _body: spec });
  await untilPasses(async () => expect(await service.running()).toBe(3));
});

test('Prometheus fires a rule into Alertmanager, which posts it, and that it resolved', async () => {
  const posts: { status: string; alerts: { labels: object }[] }[] = [];
  const webhook = await listen((body) => {
    posts.push(JSON.parse(body));
    return '';
  });
  let load = 9;
  const exporter = await listen(() => `load ${load}\n`);
  const alertmanager = await startAlertmanager({
    config: {
      route: { receiver: 'hook', group_wait: '100ms', group_interval: '500ms' },
      receivers: [{ name: 'hook', webhook_configs: [{ url: `http://${webhook}/hook` }] }],
    },
  });
  cleanups.push(() => alertmanager.stop());
  const prometheus = await startPrometheus({
    rules: [{ alert: 'LoadHigh', expr: 'load > 5', labels: { service: 'shop' } }],
    alertmanagerUrl: alertmanager.url,
    scrape: { exporter },
    evaluationIntervalMs: 200,
  });
  cleanups.push(() => prometheus.stop());

  const labels = { alertname: 'LoadHigh', service: 'shop', job: 'exporter', instance: exporter };
  await untilPasses(() =>
    expect(posts).toMatchObject([{ status: 'firing', alerts: [{ labels }] }]),
  );
  load = 1;
  await untilPasses(() => expect(posts.at(-1)).toMatchObject({ status: 'resolved' }));
});

/** An HTTP server that answers every request with what `answer` makes of its body; returns `host:port`. */
async function listen(answer: (body: string) => string): Promise<string> {
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.end(answer(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
