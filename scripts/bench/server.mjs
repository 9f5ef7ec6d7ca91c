// Receivers to measure, each in a process of its own: the engine's (`receiver`), and what its figures
// stand beside: `hono` (durable nothing), `hono-xadd` (one XADD a request), and the ways to an outgoing
// call, `stream` and `bullmq`, with the acting half in the same process.
import http from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Queue, Worker } from 'bullmq';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { path } from './common.mjs';

process.on('disconnect', () => process.exit());
const [kind, redisUrl, target] = process.argv.slice(2);
const redis = new Redis(redisUrl);
const app = new Hono();
const agent = new http.Agent({ keepAlive: true });
const take = {
  hono: async () => {},
  'hono-xadd': (body) => redis.xadd('mark', '*', 'n', JSON.stringify(body)),
  stream: (body) => redis.xadd('mark', '*', 'n', JSON.stringify(body)),
  bullmq: (body) => queue.add('n', body, { removeOnComplete: true }),
}[kind];
const queue = kind === 'bullmq' ? new Queue('mark', { connection: redis }) : undefined;

app.post(path, async (c) => {
  const body = await c.req.json();
  await take(body);
  return c.json({ status: 'queued', alerts: body.alerts.length });
});
if (kind === 'bullmq') {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  new Worker('mark', (job) => call(job.data), { connection, concurrency: 20 });
}
if (kind === 'stream') void readStream(new Redis(redisUrl));
const listener = kind === 'receiver' ? await engineReceiver() : getRequestListener(app.fetch);
const server = http.createServer(listener).listen(0, '127.0.0.1', () => {
  process.send(`http://127.0.0.1:${server.address().port}${path}`);
});

/** The engine's own receiver, as its posts come in, without the half that acts. */
async function engineReceiver() {
  const { createWebhookListener } = await import('../../dist/api/webhook-listener.js');
  const { createQueues } = await import('../../dist/queue/queues.js');
  const { createMetrics } = await import('../../dist/lib/metrics.js');
  const { createLogger } = await import('../../dist/lib/logger.js');
  const { systemClock } = await import('../../dist/lib/clock.js');
  const log = createLogger('warn');
  const { enqueuePosted } = createQueues({
    connection: redis,
    cell: 'bench',
    // nobody works the queue off here
    maxQueuedBytes: Number.POSITIVE_INFINITY,
    log,
  });
  const others = getRequestListener(app.fetch);
  const parts = { enqueuePosted, metrics: createMetrics(), webhookToken: undefined, others };
  return createWebhookListener({ ...parts, clock: systemClock, log });
}

async function readStream(reader) {
  await reader.xgroup('CREATE', 'mark', 'workers', '0', 'MKSTREAM').catch(() => {});
  for (;;) {
    const found = await reader.xreadgroup(
      ...['GROUP', 'workers', 'one', 'COUNT', 20, 'BLOCK', 0, 'STREAMS', 'mark', '>'],
    );
    for (const [id, [, body]] of found?.[0]?.[1] ?? []) {
      void call(JSON.parse(body)).then(() =>
        redis.multi().xack('mark', 'workers', id).xdel('mark', id).exec(),
      );
    }
  }
}

/** One HTTP call for each alert. */
async function call({ alerts }) {
  await Promise.all(alerts.map(post));
}

function post({ labels: { service } }) {
  return new Promise((resolve, reject) => {
    const options = { method: 'POST', agent, headers: { 'content-length': 2 } };
    const request = http.request(`${target}/services/${service}/update`, options, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    request.on('error', reject);
    request.end('{}');
  });
}
