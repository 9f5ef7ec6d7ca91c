// What the parts of the bench share: a Redis, programs of their own, notifications, and figures.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { startLocalRedis } from '../../dist/local/redis.js';

/** A Redis with no data, which writes to the disk before it answers; `stop` removes what it wrote. */
export async function startRedis() {
  const dir = mkdtempSync(join(tmpdir(), 'jidoka-bench-'));
  const server = await startLocalRedis({ dir, appendfsync: 'always' });
  const client = new Redis(server.url);
  return {
    url: server.url,
    client,
    async stop() {
      client.disconnect();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A program of this folder in a process of its own; `first` is the first thing that it says. */
export async function startProgram(name, args = []) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  const child = fork(path, args, { stdio: ['ignore', 2, 2, 'ipc'] });
  const first = await Promise.race([
    once(child, 'message').then(([message]) => message),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`))),
  ]);
  return {
    first,
    pid: child.pid,
    ask(message) {
      const answer = once(child, 'message').then(([value]) => value);
      child.send(message);
      return answer;
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null) return;
      child.kill(signal);
      await once(child, 'exit');
    },
  };
}

/** Posts these bodies in turn, again and again; how many answers came in a second. */
export async function load({ url, bodies, connections = 64, seconds, warmUpSeconds = 1 }) {
  const program = await startProgram('load.mjs');
  try {
    const result = await program.ask({ url, bodies, connections, seconds, warmUpSeconds });
    if (result.fault !== undefined) throw new Error(result.fault);
    const others = Object.keys(result.statuses).filter((status) => status !== '200');
    if (others.length > 0) throw new Error(`answers: ${JSON.stringify(result.statuses)}`);
    return result.latencies.length / seconds;
  } finally {
    await program.stop();
  }
}

/** An alert as Alertmanager posts it. */
export function alert(labels) {
  const name = JSON.stringify(labels);
  return {
    status: 'firing',
    labels: { severity: 'warning', job: 'shop', instance: '10.0.0.7:8080', ...labels },
    annotations: {
      summary: `Service ${labels.service} answers too slowly`,
      description: 'The 95th percentile of the times to answer is 2.345 s',
      runbook_url: 'https://runbooks.example.com/ServiceSlow',
    },
    startsAt: '2026-01-31T08:15:00.123Z',
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example.com:9090/graph?g0.expr=slow&g0.tab=1',
    fingerprint: Buffer.from(name).toString('hex').slice(-16),
  };
}

/** A notification of Alertmanager with these alerts. */
export function notification(alerts) {
  return JSON.stringify({
    version: '4',
    groupKey: '{}:{alertname="ServiceSlow"}',
    truncatedAlerts: 0,
    receiver: 'jidoka',
    status: 'firing',
    groupLabels: { alertname: 'ServiceSlow' },
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.com',
    alerts,
  });
}

export const path = '/webhooks/alertmanager';

/** The value of which so much (0 to 1) of all are not larger. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Waits until something holds. */
export async function until(holds, what, withinMs = 120_000) {
  const giveUpAtMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > giveUpAtMs) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
