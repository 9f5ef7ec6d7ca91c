// One alert while nothing else happens: from its POST to the call that goes out, through guards, plan and
// record in the engine, and directly in the marks.

import { once } from 'node:events';
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { alert, notification, quantile, startProgram, startRedis, until } from './common.mjs';
import { startEngine } from './engine.mjs';

const restMs = 25;

export async function measureIdle({ alerts, record }) {
  const times = { bullmq: await mark('bullmq', alerts), stream: await mark('stream', alerts) };
  times.engine = await engine(alerts);
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ]) {
    const ours = quantile(times.engine, share);
    const what = `one idle alert, POST to outgoing call, ${name}`;
    for (const [kind, of, atMost] of [
      ['bullmq', 'bare BullMQ', 1],
      ['stream', 'bare stream', 1.2],
    ]) {
      record({ what, unit: 'ms', ours, mark: quantile(times[kind], share), of, atMost });
    }
  }
}

async function engine(alerts) {
  const running = await startEngine({ services: alerts });
  const { swarm, url } = running;
  const times = [];
  for (let index = 0; index < alerts; index += 1) {
    const service = `s${index}`;
    const sentAtMs = performance.timeOrigin + performance.now();
    await post(url, service);
    await until(() => swarm.updates.length > index, 'the service is scaled', 10_000);
    times.push(swarm.updates[index].at - sentAtMs);
    await sleep(restMs);
  }
  await running.stop();
  return times;
}

async function mark(kind, alerts) {
  const arrivals = new Map();
  const target = http.createServer((request, answer) => {
    arrivals.set(request.url.split('/')[2], performance.now());
    request.resume();
    answer.end('{}');
  });
  target.listen(0, '127.0.0.1');
  await once(target, 'listening');
  const redis = await startRedis();
  const calls = `http://127.0.0.1:${target.address().port}`;
  const server = await startProgram('server.mjs', [kind, redis.url, calls]);
  const times = [];
  for (let index = 0; index < alerts; index += 1) {
    const service = `s${index}`;
    const sentAtMs = performance.now();
    await post(server.first, service);
    await until(() => arrivals.has(service), 'the call goes out', 10_000);
    times.push(arrivals.get(service) - sentAtMs);
    await sleep(restMs);
  }
  await server.stop();
  await redis.stop();
  target.close();
  target.closeAllConnections();
  return times;
}

const agent = new http.Agent({ keepAlive: true });

function post(url, service) {
  const body = notification([alert({ alertname: 'Slow', service })]);
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    };
    const request = http.request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', resolve);
    });
    request.on('error', reject);
    request.end(body);
  });
}
