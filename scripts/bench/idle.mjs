// One alert while nothing else happens: from its POST to the call that goes out, through guards, plan and
// record in the engine, and directly in the marks.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { alert, notification, quantile, startProgram, startRedis, until } from './common.mjs';
import { startEngine } from './engine.mjs';
import { startTarget } from './target.mjs';

const restMs = 25;
const warmUps = 20;

export async function measureIdle({ alerts, record }) {
  const times = { bullmq: await mark('bullmq', alerts), stream: await mark('stream', alerts) };
  const ours = { 'http.request': await calls(alerts), 'swarm.scale': await scalings(alerts) };
  for (const [action, its] of Object.entries(ours)) {
    for (const [name, share] of [
      ['p50', 0.5],
      ['p99', 0.99],
    ]) {
      for (const [kind, of, atMost] of [
        ['bullmq', 'bare BullMQ', 1],
        ['stream', 'bare stream', 1.2],
      ]) {
        record({
          what: `one idle alert, POST to ${action}, ${name}`,
          unit: 'ms',
          ours: quantile(its, share),
          mark: quantile(times[kind], share),
          of,
          atMost,
        });
      }
    }
  }
}

async function calls(alerts) {
  const target = await startTarget();
  const engine = await startEngine({ origin: target.origin });
  try {
    return await timed(alerts, engine.url, 'Call', () => target.arrivals);
  } finally {
    await engine.stop();
    target.stop();
  }
}

async function scalings(alerts) {
  const engine = await startEngine({ services: alerts + warmUps });
  try {
    const arrivals = () => engine.swarm.updates.map(({ at }) => at - performance.timeOrigin);
    return await timed(alerts, engine.url, 'Slow', arrivals);
  } finally {
    await engine.stop();
  }
}

async function mark(kind, alerts) {
  const target = await startTarget();
  const redis = await startRedis();
  const server = await startProgram('server.mjs', [kind, redis.url, target.origin]);
  try {
    return await timed(alerts, server.first, 'Slow', () => target.arrivals);
  } finally {
    await server.stop();
    await redis.stop();
    target.stop();
  }
}

/** How long each alert took that was posted when nothing else happened. */
async function timed(alerts, url, alertname, arrivals) {
  const times = [];
  for (let index = 0; index < alerts + warmUps; index += 1) {
    const sentAtMs = performance.now();
    await post(url, notification([alert({ alertname, service: `s${index}` })]));
    await until(() => arrivals().length > index, 'the call goes out', 10_000);
    if (index >= warmUps) times.push(arrivals()[index] - sentAtMs);
    await sleep(restMs);
  }
  return times;
}

const agent = new http.Agent({ keepAlive: true });

function post(url, body) {
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
