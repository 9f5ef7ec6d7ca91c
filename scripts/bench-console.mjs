// `npm run bench:console -- --alerts 110000 --rounds 15`: how long the server takes for each page of
// the console, on a Redis of its own with a made-up past. Nothing is asserted: a busy machine takes
// longer. With --serve the pages stay there for a browser until Ctrl-C.
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import { prepare } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    alerts: { type: 'string', default: '112000' },
    rounds: { type: 'string', default: '15' },
    serve: { type: 'string' },
  },
});
for (const name of ['alerts', 'rounds']) {
  if (/^\d+$/.test(values[name]) && Number(values[name]) > 0) continue;
  console.error(`--${name}: expected a whole number, got "${values[name]}"`);
  process.exit(2);
}
prepare();
const { startLocalRedis } = await import('../dist/local/redis.js');
const { createLedger } = await import('../dist/ledger/ledger.js');
const { createConsole } = await import('../dist/console/console.js');
const { createPauses } = await import('../dist/guard/pauses.js');
const { createResets } = await import('../dist/guard/resets.js');
const { createMetrics } = await import('../dist/lib/metrics.js');
const { createLogger } = await import('../dist/lib/logger.js');
const { createLibrary } = await import('../dist/playbook/library.js');
const { loadPlaybooks } = await import('../dist/playbook/load.js');
const { createOfflineRegistry } = await import('../dist/integrations/offline-registry.js');
const { countAlerts } = await import('../dist/engine/reports/count-alerts.js');
const { fillLedger } = await import('./fill-ledger.mjs');

const dir = mkdtempSync(join(tmpdir(), 'jidoka-bench-'));
const server = await startLocalRedis({ dir });
const redis = new Redis(server.url);
try {
  await measure();
} finally {
  redis.disconnect();
  await server.stop();
  rmSync(dir, { recursive: true });
}

async function measure() {
  const clock = { now: () => Date.now() };
  const ledger = createLedger({ redis, cell: 'bench' });
  const folder = join(dirname(dirname(fileURLToPath(import.meta.url))), 'playbooks');
  const loaded = await loadPlaybooks(folder, { actions: createOfflineRegistry() });
  const set = {
    library: createLibrary(loaded.playbooks),
    policy: loaded.policy,
    hash: loaded.hash,
  };
  const playbooks = loaded.playbooks.filter(({ ignore }) => !ignore);
  const beganMs = performance.now();
  // so that the script is known before many transactions are sent at once
  await ledger.commit({ checks: [], writes: [], nowMs: clock.now() });
  const alerts = Number(values.alerts);
  const latest = await fillLedger({ ledger, playbooks, alerts, nowMs: clock.now() });
  while ((await redis.zcard(ledger.keys.uncounted)) > 0) {
    await redis.del(ledger.keys.turn('count'));
    await countAlerts({ ledger, clock });
  }
  const sizes = await Promise.all(
    ['runs', 'episodes', 'escalations', 'openEscalations'].map((name) =>
      redis.zcard(ledger.keys[name]),
    ),
  );
  const memory = /used_memory_human:(\S+)/.exec(await redis.info('memory'))?.[1];
  const version = /redis_version:(\S+)/.exec(await redis.info('server'))?.[1];
  console.log(
    `Node ${process.version}, Redis ${version} (${memory}), ${cpus().length} × ${cpus()[0].model.trim()}`,
  );
  console.log(
    `${sizes[0]} runs, ${sizes[1]} alerts, ${sizes[2]} escalations (${sizes[3]} open), made up in ${Math.round((performance.now() - beganMs) / 1_000)} s`,
  );

  const console_ = createConsole({
    cell: 'bench',
    ledger,
    answer: async () => ({ kind: 'unknown_escalation' }),
    explain: async () => [],
    pauses: createPauses({ ledger, clock }),
    resets: createResets({ ledger, clock, wake: async () => {} }),
    health: async () => [],
    active: () => set,
    workerAsg: '',
    live: { subscribe: () => null, stop: () => {} },
    addressOf: () => '127.0.0.1',
    clock,
    metrics: createMetrics(),
    log: createLogger('warn'),
  });
  const [playbook] = playbooks;
  const pages = [
    '/',
    '/?severity=critical&q=service',
    '/escalations',
    '/escalations?state=open',
    '/alerts',
    '/pauses',
    '/runs',
    `/runs?before=${await middleOf(ledger.keys.runs)}`,
    `/runs/${latest.run}`,
    `/alerts/${latest.episode}`,
    `/escalations/${latest.escalation}`,
    '/playbooks',
    `/playbooks/${playbook.name}`,
    `/playbooks/${playbook.name}/alerts`,
    '/history',
    '/history?q=service=service-7&fate=run',
    '/history?q=nothing-like-this',
    `/history?q=nothing-like-this&before=${await middleOf(ledger.keys.episodes)}`,
    '/history?until=2000-01-01',
  ];
  console.log('page: median, longest; the first request');
  for (const path of pages) {
    const tookMs = [];
    let firstMs = 0;
    let status = 0;
    // the first one loads and compiles what the page needs
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      const sentMs = performance.now();
      const answer = await console_.request(path, { headers: { host: '127.0.0.1' } });
      await answer.text();
      if (round === 0) firstMs = performance.now() - sentMs;
      else tookMs.push(performance.now() - sentMs);
      status = answer.status;
    }
    tookMs.sort((a, b) => a - b);
    const [median, longest] = [tookMs[Math.floor(tookMs.length / 2)], tookMs.at(-1)];
    const note = status === 200 ? '' : ` (answered ${status})`;
    const [first, usual, most] = [firstMs, median, longest].map((ms) => `${ms.toFixed(0)} ms`);
    console.log(`${path}: ${usual}, ${most}; ${first}${note}`);
  }
  if (values.serve !== undefined) await serveUntilInterrupted(console_, Number(values.serve));
}

/** What a page gives as `before` that ends in the middle of a list. */
async function middleOf(key) {
  const place = Math.floor((await redis.zcard(key)) / 2);
  const [id, score] = await redis.zrange(key, place, place, 'WITHSCORES');
  return encodeURIComponent(`${score}.${id}`);
}

async function serveUntilInterrupted(site, port) {
  const { serve } = await import('@hono/node-server');
  const listening = serve({ fetch: site.fetch, port, hostname: '127.0.0.1' });
  console.log(`http://127.0.0.1:${port}`);
  await new Promise((resolve) => process.once('SIGINT', resolve));
  listening.close();
  listening.closeAllConnections();
}
