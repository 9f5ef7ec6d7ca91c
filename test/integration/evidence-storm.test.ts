import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, test } from 'vitest';
import { parseNotification } from '../../src/alertmanager/payload.js';
import { readConfig } from '../../src/app/config.js';
import { startWorker } from '../../src/app/worker.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { systemClock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import { createQueues } from '../../src/queue/queues.js';
import { createAutoScalingSim } from '../../src/sim/auto-scaling.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { startHttpServer } from '../support/http-server.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

const playbook = `
name: scale-group
summary: Adds an instance.
match: alertname = "Full"
mode: auto
steps:
  - asg.resize: { group: workers, by: 1 }
`;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

test('while Prometheus takes calls and answers none, people are asked about 50 escalations and a run is made', async () => {
  const redisUrl = usePart('redis').url;
  const cell = `test-${randomUUID()}`;
  const dir = await makeDir('playbooks');
  await writeFile(join(dir, 'scale-group.yaml'), playbook);
  const prometheus = await startHttpServer();
  prometheus.answer = () => {};
  cleanups.push(prometheus.stop);
  const autoScaling = createAutoScalingSim();
  await autoScaling.start();
  cleanups.push(() => autoScaling.stop());
  autoScaling.addGroup({ name: 'workers', min: 1, max: 5, desired: 2 });
  const slack = createSlackSim({
    botToken: 'xoxb-test',
    scopes: ['chat:write'],
    signingSecret: 'secret',
    channels: [{ id: 'C1', name: 'alerts' }],
    clock: systemClock,
  });
  await slack.start();
  cleanups.push(() => slack.stop());
  process.env.AWS_ACCESS_KEY_ID = 'AKIATEST';
  process.env.AWS_SECRET_ACCESS_KEY = 'secret';
  const log = createLogger('silent');
  const acting = await startWorker({
    config: readConfig({
      JIDOKA_CELL: cell,
      JIDOKA_PLAYBOOKS: dir,
      DOCKER_HOST: 'tcp://127.0.0.1:9',
      AWS_REGION: 'eu-central-1',
      AWS_ENDPOINT_URL: autoScaling.url(),
      SLACK_BOT_TOKEN: 'xoxb-test',
      SLACK_CHANNEL: '#alerts',
      SLACK_API_URL: slack.apiUrl(),
      PROMETHEUS_URL: prometheus.origin,
    }),
    redisUrl,
    markerDir: undefined,
    log,
    onDeath: (error) => log.error({ err: error }, 'it cannot go on'),
  });
  cleanups.push(() => acting.stop(100));
  const redis = new Redis(redisUrl);
  cleanups.push(() => redis.disconnect());
  const ledger = createLedger({ redis, cell });
  const queues = createQueues({ connection: redis, cell, log });
  async function post(...alerts: ReturnType<typeof webhookAlert>[]): Promise<void> {
    const notification = parseNotification(webhookBody(alerts));
    await queues.enqueue({ source: 'alertmanager', receivedAtMs: Date.now(), notification });
  }

  // one group: its message and its thread are what people see of the storm
  const names = Array.from({ length: 50 }, (_, index) => `Unheard${index}`);
  await post(...names.map((alertname) => webhookAlert({ alertname })));
  await eventually(
    'Prometheus is asked, and hangs',
    () => prometheus.requests.length,
    (count) => count > 0,
  );
  await post(webhookAlert({ alertname: 'Full' }));

  const desired = () => autoScaling.group('workers').desired;
  await eventually('the group grows', desired, (size) => size === 3);
  const shown = () => slack.messages('alerts').filter(({ threadTs }) => threadTs === undefined);
  await eventually('people are asked', shown, (messages) => messages.length > 0);
  const ids = () => redis.zrange(ledger.keys.escalations, '0', '-1');
  const looked = async () => {
    const escalations = await ledger.escalations(await ids());
    return [...escalations.values()].filter(({ choices }) => choices !== null);
  };
  await eventually('each can be answered', looked, (all) => all.length === 50);

  // what waits is gathered in the end, and says what is missing
  const gathered = async () => {
    const texts = await redis.mget((await ids()).map((id) => ledger.keys.gathered(id)));
    return texts.filter((text) => text?.includes('"metric":{"missing":"Prometheus '));
  };
  await eventually('each says why it has no metric', gathered, (all) => all.length === 50);
});
