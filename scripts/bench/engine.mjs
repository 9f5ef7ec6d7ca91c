// The whole engine as `npm start` runs it, on a Redis and a simulated Swarm of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSwarmSim } from '../../dist/sim/swarm.js';
import { path, startRedis, until } from './common.mjs';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Acts by itself, on as many targets as the bench has. */
const playbook = `name: scale
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 100 }
guards: { cooldown: 0 }
`;
const ignoring = `name: known
summary: Needs nobody.
match: alertname = "Known"
ignore: true
`;
const policy = `limits: { fleet: [1000000 per 1m], playbook: [1000000 per 1m], target: [1000000 per 1m] }
blast_radius: { targets: 1000000 per 1m }
restore: { observe: 0 }
`;

/** Calls an address on the same machine. */
const calling = (origin) => `name: call
summary: Calls an address.
match: alertname = "Call"
mode: auto
steps:
  - http.request: { url: "${origin}/services/\${{ labels.service }}/update" }
guards: { cooldown: 0 }
`;

/**
 * @param services how many services there are, named s0, s1, …
 * @param origin what alerts called Call have called, as `http://127.0.0.1:8080`
 * @param role which half of it runs: `receiver`, `worker` or `all`
 * @param playbooks more of them: their texts by the names of their files
 */
export async function startEngine({
  services = 0,
  redis,
  origin,
  playbooks = {},
  role = 'all',
} = {}) {
  const undo = [];
  const ownRedis = redis ?? (await startRedis());
  if (redis === undefined) undo.push(ownRedis.stop);
  const clock = { now: () => performance.timeOrigin + performance.now() };
  const swarm = createSwarmSim({ clock });
  await swarm.start();
  undo.push(() => swarm.stop());
  for (let index = 0; index < services; index += 1) {
    swarm.addService({ name: `s${index}`, replicas: 1 });
  }
  const dir = mkdtempSync(join(tmpdir(), 'jidoka-bench-'));
  undo.push(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'act.yaml'), playbook);
  writeFileSync(join(dir, 'known.yaml'), ignoring);
  const hosts = origin === undefined ? '' : `http: { hosts: [{ url: ${origin} }] }\n`;
  writeFileSync(join(dir, 'policy.yaml'), policy + hosts);
  if (origin !== undefined) writeFileSync(join(dir, 'call.yaml'), calling(origin));
  for (const [name, text] of Object.entries(playbooks)) writeFileSync(join(dir, name), text);

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { PATH, HOME } = process.env;
  const beganMs = performance.now();
  const child = spawn(process.execPath, [main, 'serve'], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH,
      HOME,
      PORT: String(port),
      REDIS_URL: ownRedis.url,
      DOCKER_HOST: swarm.dockerHost(),
      JIDOKA_PLAYBOOKS: dir,
      JIDOKA_ROLE: role,
      LOG_LEVEL: 'error',
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(-4_000);
  });
  undo.push(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`the engine ended: ${said}`);
    return (await fetch(`${url}/-/ready`).catch(() => null))?.ok === true;
  }, 'the engine is ready');
  const readyMs = performance.now() - beganMs;

  /** The sum of a metric over all its labels that hold these. */
  async function metric(name, labels = '') {
    const text = await (await fetch(`${url}/metrics`)).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) && line.includes(labels))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }

  return {
    url: url + path,
    swarm,
    redis: ownRedis,
    readyMs,
    pid: child.pid,
    metric,
    async stop() {
      for (const step of undo.reverse()) await step();
    },
  };
}

/** A port of loopback that nobody listens on. */
export async function freePort() {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
