// `npm run screenshots`: a picture of each page of the console, on the demo's world, into docs/screenshots/.
// With a folder as its argument it puts them there, in more sizes: narrow and wide, light and dark.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
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
const undo = [];
try {
  mkdirSync(into, { recursive: true });
  const world = await startWorld(undo);
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

/** Figures of the last weeks, which nobody waits for. */
async function havePast(world) {
  const redis = new Redis(world.redisUrl);
  try {
    const ledger = createLedger({ redis, cell: 'jidoka' });
    await fillFigures({ ledger, playbook: 'scale-service-up', nowMs: Date.now() });
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
    escalation: `/escalations/${escalations.items[0]?.id}`,
    alert: `/alerts/${alerts.items.at(-1)?.id}`,
    playbooks: '/playbooks',
    playbook: '/playbooks/scale-service-up',
    history: '/history',
  };
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
