// `npm run screenshots`: a picture of each page of the console, on the demo's world, into docs/screenshots/.
// With a folder as its argument it puts them there, in more sizes: narrow and wide, light and dark.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { chromium } from 'playwright-core';
import { prepare } from './prepare.mjs';

prepare();
const { group, startWorld } = await import('../dist/cli/demo/world.js');
const { post, runs } = await import('../dist/cli/demo/engine-http.js');
const { createLedger } = await import('../dist/ledger/ledger.js');
const { createTargetHistory } = await import('../dist/ledger/target-history.js');
const { fillFigures } = await import('./past-figures.mjs');
const { ensureProgram } = await import('../dist/local/packages.js');
const [folder] = process.argv.slice(2);
const into = folder ?? fileURLToPath(new URL('../docs/screenshots', import.meta.url));
const wide = { width: 1440, height: 900 };
const narrow = { width: 360, height: 740 };
const looks =
  folder === undefined
    ? [{ suffix: '', viewport: { width: 1280, height: 760 }, colorScheme: 'light' }]
    : [
        { suffix: '-wide-light', viewport: wide, colorScheme: 'light' },
        { suffix: '-wide-dark', viewport: wide, colorScheme: 'dark' },
        { suffix: '-narrow-light', viewport: narrow, colorScheme: 'light' },
        { suffix: '-narrow-dark', viewport: narrow, colorScheme: 'dark' },
      ];
const deployedAtMs = Date.now() - 12 * 60_000;
const undo = [];
try {
  mkdirSync(into, { recursive: true });
  const world = await startWorld(undo, { PROMETHEUS_URL: await startPrometheus() });
  const executablePath = await ensureProgram({ program: 'chromium', package: 'chromium' });
  const pngquant = await ensureProgram({ program: 'pngquant', package: 'pngquant' });
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
  });
  undo.push(() => browser.close());
  await havePast(world);
  await happen(world);
  const pages = await pagesOf(world);
  for (const { suffix, ...look } of looks) {
    const page = await browser.newPage(look);
    for (const [name, place] of Object.entries(pages)) {
      await page.goto(`${world.url}${place}`);
      // what is still to come
      await page.waitForFunction(() => document.querySelector('[data-pending]') === null);
      const path = join(into, `${name}${suffix}.png`);
      await page.screenshot({ path, fullPage: true });
      // 256 colours are plenty, and a third of the bytes
      spawnSync(pngquant, ['--force', '--skip-if-larger', '--output', path, path]);
    }
    await page.close();
  }
} finally {
  for (const step of undo.reverse()) await step();
}

/** Figures of the last weeks and a deploy: no one has to wait for them. */
async function havePast(world) {
  const redis = new Redis(world.redisUrl);
  try {
    const ledger = createLedger({ redis, cell: 'jidoka' });
    await fillFigures({ ledger, playbook: 'scale-service-up', nowMs: Date.now() });
    const docker = world.swarm.dockerHost().replace('tcp:', 'http:');
    const [service] = await (await fetch(`${docker}/v1.41/services`)).json();
    const scope = `swarm.service/${service.ID}`;
    const images = { from: 'shop/web:2.8', to: 'shop/web:2.9' };
    const deploy = { scope, name: 'shop_web', kind: 'deployed', atMs: deployedAtMs, ...images };
    const history = createTargetHistory({ ledger, clock: { now: () => Date.now() } });
    await history.note('swarm', [deploy]);
  } finally {
    redis.disconnect();
  }
}

/** Lets happen what the pages then show. */
async function happen(world) {
  const shop = { alertname: 'ShopSlow', service: 'shop_web', scale: 'up', severity: 'warning' };
  await post(world, 'firing', shop, 'shop_web answers in 1.8 s');
  await until(() => world.swarm.service('shop_web').running === 3);
  await sleep(1_500);
  await post(world, 'resolved', shop, '');
  await until(async () => (await runs(world)).every(({ state }) => state === 'ended'));
  const nodes = { alertname: 'NodesFull', type: 'node', scale: 'up', service: 'node-exporter' };
  await post(world, 'firing', nodes, 'the nodes use 92 % of their memory');
  await until(() => world.autoScaling.group(group).inService === 3);
  await sleep(1_500);
  const queue = { alertname: 'CheckoutQueueGrows', service: 'shop_web', severity: 'critical' };
  await post(world, 'firing', queue, '4,200 orders wait');
  const edge = { alertname: 'CertificateExpiresSoon', service: 'edge_proxy', severity: 'error' };
  await post(world, 'firing', edge, 'shop.example.com expires in 6 days');
  const disk = { alertname: 'DiskFillsUp', instance: 'node-3', severity: 'warning' };
  await post(world, 'firing', disk, 'the disk of node-3 is 91 % full');
  const job = { alertname: 'BackupIsLate', service: 'backup', severity: 'info' };
  await post(world, 'firing', job, 'the last backup is 26 h old');
  await send(world, '/api/v1/pauses', {
    of: 'playbook',
    name: 'scale-nodes-down',
    by: 'ana',
    why: 'the sale begins at noon',
    for: '4h',
  });
  await sleep(2_000);
}

async function pagesOf(world) {
  const [run] = (await runs(world)).toReversed();
  const escalations = await (await fetch(`${world.url}/api/v1/escalations`)).json();
  const alerts = await (await fetch(`${world.url}/api/v1/alerts`)).json();
  return {
    overview: '/',
    runs: '/runs',
    run: `/runs/${run.id}`,
    escalation: `/escalations/${escalations.items.find(({ title }) => title.startsWith('CheckoutQueueGrows'))?.id}`,
    alert: `/alerts/${alerts.items.at(-1)?.id}`,
    playbooks: '/playbooks',
    playbook: '/playbooks/scale-service-up',
    history: '/history',
  };
}

/** What Prometheus would answer about the queue, which grows since the deploy. */
async function startPrometheus() {
  const line = 'checkout_queue_length';
  const rule = {
    type: 'alerting',
    name: 'CheckoutQueueGrows',
    query: `${line} > 1000`,
    labels: {},
  };
  const lengthAt = (ms) => {
    const sinceMs = ms - deployedAtMs;
    const usual = 180 + 60 * Math.sin(ms / 900_000);
    return Math.round(sinceMs < 0 ? usual : usual + (sinceMs / 60_000) * 335);
  };
  const server = createServer(async (request, answer) => {
    const { pathname } = new URL(request.url, 'http://127.0.0.1');
    const asked = new URLSearchParams(Buffer.concat(await request.toArray()).toString());
    const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(asked.get(name)));
    const count = Math.round((end - start) / step) + 1 || 0;
    const times = Array.from({ length: count }, (_, index) => start + index * step);
    const values = times.map((seconds) => [seconds, String(lengthAt(seconds * 1_000))]);
    const data = {
      '/api/v1/status/buildinfo': { version: '3.5.0' },
      '/api/v1/rules': { groups: [{ rules: [rule] }] },
      '/api/v1/query_range': {
        resultType: 'matrix',
        result: [{ metric: { service: 'shop_web' }, values }],
      },
    }[pathname];
    answer.writeHead(data === undefined ? 404 : 200, { 'content-type': 'application/json' });
    answer.end(JSON.stringify({ status: 'success', data }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${server.address().port}`;
}

async function send(world, path, body) {
  const answer = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

async function until(holds) {
  const giveUpAt = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > giveUpAt) throw new Error('waited 60 s in vain');
    await sleep(100);
  }
}
