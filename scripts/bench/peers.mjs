// The same work done by what else people use for it, where that is installed: one alert is posted, one HTTP
// call goes out. Neither of them keeps an alert that it has taken, or asks a guard.
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { alert, notification, quantile, until } from './common.mjs';
import { startEngine } from './engine.mjs';
import { peers } from './peer-programs.mjs';
import { startTarget } from './target.mjs';

const restMs = 25;
const connections = 16;
const warmUps = 20;

export async function measurePeers({ alerts, actions, record, version, note }) {
  const installed = [];
  for (const peer of peers) {
    const found = peer.find();
    if (found === null) note(`${peer.name} is not installed: ${peer.how}`);
    else {
      for (const [name, its] of Object.entries(found.versions)) version(name, its);
      installed.push({ ...peer, found });
    }
  }
  if (installed.length === 0) return;
  const ours = await timed(async ({ origin }) => startEngine({ origin }), alerts, actions);
  for (const { name, found, start, isKept } of installed) {
    const dir = mkdtempSync(join(tmpdir(), 'jidoka-bench-'));
    let theirs;
    try {
      theirs = await timed(({ origin }) => start({ found, origin, dir }), alerts, actions);
    } catch (error) {
      note(`${name} could not be measured: ${error.message}`);
      continue;
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
    // what forks a program for each call is slower than any engine; what is one process that keeps
    // nothing has less to do, and is there to compare with
    const asked = isKept ? {} : { atMost: 1 };
    for (const [share, label] of [
      [0.5, 'p50'],
      [0.99, 'p99'],
    ]) {
      record({
        what: `one HTTP call for an idle alert, ${label}`,
        unit: 'ms',
        ours: quantile(ours.times, share),
        mark: quantile(theirs.times, share),
        of: name,
        ...asked,
      });
    }
    record({
      what: 'HTTP calls for as many alerts, sustained',
      unit: '/s',
      ours: ours.rate,
      mark: theirs.rate,
      of: name,
      atLeast: 1,
    });
  }
}

/** How long each of some calls took that were alone, and how many a second went out of many. */
async function timed(start, alerts, actions) {
  const target = await startTarget();
  let running;
  try {
    running = await start(target);
    const times = [];
    for (let index = 0; index < alerts + warmUps; index += 1) {
      const sentAtMs = performance.now();
      const calls = target.arrivals.length;
      await post(running.url, `idle${index}`);
      await until(() => target.arrivals.length > calls, 'the call goes out', 10_000);
      if (index >= warmUps) times.push(target.arrivals[calls] - sentAtMs);
      await sleep(restMs);
    }
    const before = target.arrivals.length;
    const beganMs = performance.now();
    let next = 0;
    const postAll = async () => {
      for (let index = next++; index < actions; index = next++) {
        await post(running.url, `many${index}`);
      }
    };
    await Promise.all(Array.from({ length: connections }, postAll));
    await until(() => target.arrivals.length - before >= actions, 'all calls go out');
    return { times, rate: actions / ((target.arrivals.at(-1) - beganMs) / 1_000) };
  } finally {
    await running?.stop();
    target.stop();
  }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: connections });

function post(url, service) {
  const body = notification([alert({ alertname: 'Call', service })]);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) answer.on('end', resolve);
      else reject(new Error(`${url} answered ${answer.statusCode}`));
    });
    request.on('error', reject);
    request.end(body);
  });
}
