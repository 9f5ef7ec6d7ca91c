import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ownAlertName } from '../../src/alertmanager/own-alert.js';
import { createWebhook } from '../../src/api/webhook.js';
import { createGauges } from '../../src/app/gauges.js';
import { redisDurability } from '../../src/app/redis-durability.js';
import { createPauses } from '../../src/guard/pauses.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { runbookUrl } from '../../src/lib/documentation.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics, type Metrics } from '../../src/lib/metrics.js';
import { probeRedis } from '../../src/queue/probe.js';
import { createQueues } from '../../src/queue/queues.js';
import { createQueueWatch } from '../../src/queue/stuck.js';
import { webhookAlert, webhookBody } from '../support/alerts.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';
import { usePart } from '../support/parts.js';
import { createManualClock } from '../unit/sim/manual-clock.js';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const run = promisify(execFile);
const rules: readonly Rule[] = parse(readFileSync('prometheus/jidoka.rules.yml', 'utf8')).groups[0]
  .rules;

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  await redis.quit();
  await server.stop();
});

function start() {
  const clock = createManualClock(Date.now());
  const metrics: Metrics = createMetrics();
  const log = createLogger('silent');
  const cell = randomUUID();
  const ledger = createLedger({ redis, cell });
  const queues = createQueues({ connection: redis, cell, log });
  const webhook = createWebhook({
    enqueuePosted: queues.enqueuePosted,
    metrics,
    webhookToken: undefined,
    clock,
    log,
  });
  const watch = createQueueWatch({ redis, cell });
  const probe = () => probeRedis(redis, { cell, reads: true });
  const collect = createGauges({ ledger, queues, probe, watch, metrics, clock });
  const figure = async (name: string, label?: Record<string, string>) => {
    const found = (await metrics.registry.getMetricsAsJSON()).find((one) => one.name === name);
    const matching = (found?.values ?? []).filter(({ labels }) =>
      Object.entries(label ?? {}).every(([key, value]) => labels[key] === value),
    );
    return matching[0]?.value;
  };
  return { clock, metrics, ledger, queues, probe, watch, webhook, collect, figure };
}

describe('the rules', () => {
  test('are rules that Prometheus takes, and say what their own tests expect', async () => {
    const { promtool } = usePart('prometheus');
    const cwd = 'prometheus';
    const checked = await run(promtool, ['check', 'rules', 'jidoka.rules.yml', 'swarm.rules.yml'], {
      cwd,
    });
    expect(checked.stdout).toContain('SUCCESS');
    const tested = await run(promtool, ['test', 'rules', 'jidoka.rules.test.yml'], { cwd });
    expect(tested.stdout).toContain('SUCCESS');
  });

  test('have a test each', () => {
    const tests = readFileSync('prometheus/jidoka.rules.test.yml', 'utf8');
    expect(rules.filter(({ alert }) => !tests.includes(alert))).toEqual([]);
  });

  test('say what is wrong, and lead to a section of the operations guide, as our own alert does', () => {
    const headings = [
      ...readFileSync('docs/how-to/operations.md', 'utf8').matchAll(/^## (.+)$/gm),
    ].map(([, heading = '']) => heading);
    expect(headings.toSorted()).toEqual([...rules.map(({ alert }) => alert), ownAlertName].sort());
    for (const { alert, annotations } of rules) {
      expect(annotations).toEqual({
        summary: expect.stringMatching(/\w/),
        description: expect.stringMatching(/\w/),
        runbook_url: runbookUrl(alert),
      });
    }
  });

  test('ask only for what /metrics has values of', async () => {
    const { metrics, collect } = start();
    await collect();
    const text = await metrics.registry.metrics();
    const exposed = new Set([...text.matchAll(/^(jidoka_\w+)[{ ]/gm)].map(([, name]) => name));
    const asked = rules.flatMap(({ expr }) => expr.match(/jidoka_\w+/g) ?? []);
    expect(asked).toHaveLength(21);
    const setElsewhere = [
      'jidoka_redis_up',
      'jidoka_acting_up',
      'jidoka_target_up',
      'jidoka_config_last_reload_successful',
      'jidoka_slack_socket_up',
      'jidoka_paused_seconds',
      'jidoka_reconciliations_total',
      'jidoka_service_labels_unreadable',
    ];
    const missing = asked.filter((name) => !exposed.has(name));
    expect(missing.filter((name) => !setElsewhere.includes(name))).toEqual([]);
  });
});

describe('the gauges', () => {
  test('tell how many wait, and since when', async () => {
    const { clock, ledger, collect, figure } = start();
    await collect();
    expect(await figure('jidoka_decisions_held')).toBe(0);
    expect(await figure('jidoka_decision_held_seconds')).toBe(0);
    const { keys } = ledger;
    await redis.zadd(keys.held, clock.now() - 90_000, 'b', clock.now() - 30_000, 'a');
    await redis.zadd(keys.undelivered, clock.now() - 5_000, 'e');
    await collect();
    expect(await figure('jidoka_decisions_held')).toBe(2);
    expect(await figure('jidoka_decision_held_seconds')).toBe(90);
    expect(await figure('jidoka_escalations_undelivered')).toBe(1);
    expect(await figure('jidoka_escalation_undelivered_seconds')).toBe(5);
  });

  test('tell how many escalations are open, and since when', async () => {
    const { clock, ledger, collect, figure } = start();
    await collect();
    expect(await figure('jidoka_escalations_open')).toBe(0);
    expect(await figure('jidoka_escalation_open_seconds')).toBe(0);
    const { keys } = ledger;
    await redis.zadd(keys.openEscalations, clock.now() - 60_000, 'b', clock.now(), 'a');
    await collect();
    expect(await figure('jidoka_escalations_open')).toBe(2);
    expect(await figure('jidoka_escalation_open_seconds')).toBe(60);
  });

  test('tell since when each pause has been in force, until it ends', async () => {
    const { clock, ledger, collect, figure } = start();
    const pauses = createPauses({ ledger, clock });
    await pauses.set({ of: 'everything' }, { by: 'ada', why: 'a test', forMs: 90_000 });
    await pauses.set({ of: 'playbook', name: 'add' }, { by: 'ada', why: '-', forMs: null });
    clock.advance(60_000);
    await collect();
    expect(await figure('jidoka_paused_seconds', { scope: 'everything' })).toBe(60);
    expect(await figure('jidoka_paused_seconds', { scope: 'playbook:add' })).toBe(60);
    clock.advance(60_000);
    await collect();
    expect(await figure('jidoka_paused_seconds', { scope: 'everything' })).toBeUndefined();
    expect(await figure('jidoka_paused_seconds', { scope: 'playbook:add' })).toBe(120);
  });

  test('have no values when Redis cannot be read: no old ones, and no zeros', async () => {
    const { metrics, ledger, queues, probe, watch, clock } = start();
    let broken = false;
    const faulty = {
      ...queues,
      oldest: () => (broken ? Promise.reject(new Error('gone')) : queues.oldest()),
    };
    const collect = createGauges({
      ledger,
      queues: faulty,
      probe: () => (broken ? Promise.reject(new Error('gone')) : probe()),
      watch,
      metrics,
      clock,
    });
    const ofRedis =
      /^jidoka_(queue_(jobs|oldest)|decision_held|decisions_held|escalation|breaker|redis)\w*[{ ]/m;
    expect(await metrics.registry.metrics()).not.toMatch(ofRedis);
    await collect();
    expect(await metrics.registry.metrics()).toMatch(ofRedis);
    broken = true;
    await expect(collect()).rejects.toThrow('gone');
    expect(await metrics.registry.metrics()).not.toMatch(ofRedis);
  });

  test('tell how long the oldest job of a queue has waited', async () => {
    const { clock, webhook, collect, figure } = start();
    for (const alertname of ['A', 'B']) {
      const body = JSON.stringify(webhookBody([webhookAlert({ alertname })]));
      await webhook.request('/webhooks/alertmanager', { method: 'POST', body });
    }
    clock.advance(60_000);
    await collect();
    const waited = await figure('jidoka_queue_oldest_job_seconds', { queue: 'intake' });
    expect(waited).toBeGreaterThan(55);
    expect(await figure('jidoka_queue_oldest_job_seconds', { queue: 'work' })).toBe(0);
  });

  test('tell how much memory Redis takes, and how much it may', async () => {
    const { collect, figure } = start();
    await collect();
    // without a maxmemory that of the machine
    expect(await figure('jidoka_redis_memory_limit_bytes')).toBe(totalmem());
    await redis.config('SET', 'maxmemory', '1gb');
    await collect();
    expect(await figure('jidoka_redis_memory_limit_bytes')).toBe(1_024 ** 3);
    const before = (await figure('jidoka_redis_memory_bytes')) ?? 0;
    await redis.set('large', 'x'.repeat(10_000_000));
    await collect();
    expect(await figure('jidoka_redis_memory_bytes')).toBeGreaterThan(before + 9_000_000);
    await redis.del('large');
    await redis.config('SET', 'maxmemory', '0');
  });

  test('tell whether Redis does all that the work needs, also where it lets itself be asked for nothing', async () => {
    const { clock, metrics, ledger, queues, watch, figure } = start();
    const cell = randomUUID();
    await redis.acl('SETUSER', 'bound', 'reset', 'on', 'nopass', '~*', '+@all');
    const bound = new Redis(server.url, { username: 'bound', password: 'any' });
    const probe = () => probeRedis(bound, { cell, reads: true });
    const collect = createGauges({ ledger, queues, probe, watch, metrics, clock });
    await collect();
    expect(await figure('jidoka_redis_usable')).toBe(1);
    for (const right of ['-@blocking', '-@scripting']) {
      await redis.acl('SETUSER', 'bound', '+@all', right);
      await collect();
      expect([right, await figure('jidoka_redis_usable')]).toEqual([right, 0]);
    }
    await bound.quit();
  });

  test('of a user who may not ask how full Redis is leave that out, and nothing else', async () => {
    const { metrics, clock, probe, watch, figure } = start();
    await redis.acl('SETUSER', 'shy', 'reset', 'on', 'nopass', '~*', '+@all', '-@dangerous');
    const shy = new Redis(server.url, { username: 'shy', password: 'any' });
    const cell = randomUUID();
    const ledger = createLedger({ redis: shy, cell });
    const queues = createQueues({ connection: shy, cell, log: createLogger('silent') });
    await createGauges({ ledger, queues, probe, watch, metrics, clock })();
    expect(await figure('jidoka_redis_memory_bytes')).toBeUndefined();
    expect(await figure('jidoka_decisions_held')).toBe(0);
    await shy.quit();
  });

  test('count refusals from zero, so that the first one is an increase', async () => {
    const { webhook, figure } = start();
    const refused = { outcome: 'not_json' };
    expect(await figure('jidoka_notifications_total', refused)).toBe(0);
    await webhook.request('/webhooks/alertmanager', { method: 'POST', body: '<' });
    expect(await figure('jidoka_notifications_total', refused)).toBe(1);
  });
});

describe('what is durable in Redis', () => {
  const durable = {
    appendonly: true,
    appendfsync: true,
    aof_last_write_status: true,
    maxmemory_policy: true,
  };

  test.each([
    ['appendonly', 'appendonly', 'no', 'yes'],
    ['appendfsync', 'appendfsync', 'no', 'everysec'],
    ['maxmemory_policy', 'maxmemory-policy', 'allkeys-lru', 'noeviction'],
  ])('%s is seen', async (setting, name, bad, good) => {
    expect(Object.fromEntries(await redisDurability(redis))).toEqual(durable);
    await redis.config('SET', name, bad);
    expect(Object.fromEntries(await redisDurability(redis))).toEqual({
      ...durable,
      [setting]: false,
    });
    await redis.config('SET', name, good);
  });

  test('a setting that Redis does not show is neither good nor bad', async () => {
    await redis.acl('SETUSER', 'shy', 'on', 'nopass', '~*', '+@all', '-config');
    const shy = new Redis(server.url, { username: 'shy', password: 'any' });
    const { appendfsync: _, ...shown } = durable;
    expect(Object.fromEntries(await redisDurability(shy))).toEqual(shown);
    await shy.quit();
  });

  test('a Redis that does not answer is an error', async () => {
    const gone = new Redis('redis://127.0.0.1:1', { lazyConnect: true, retryStrategy: () => null });
    gone.on('error', () => {});
    await expect(redisDurability(gone)).rejects.toThrow();
    gone.disconnect();
  });
});
