import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { identityOf } from '../../src/alertmanager/identity.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/* Crowds of alerts at once, through HTTP, on the built engine. */

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** How many targets the policy's defaults let be changed in a short time. */
const blastRadius = 10;

const playbook = (mode: string) => `
name: add
summary: Adds a replica.
match: alertname = "Slow"
mode: ${mode}
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 10m
`;

/** What holds a crowd back is the blast radius alone, with its default. */
const policy =
  'limits: { fleet: [1000 per 1h], playbook: [1000 per 1h] }\nrestore: { observe: 0 }\n';

/** The engine with one playbook, a simulated Swarm and a simulated Slack. */
async function start(mode: string) {
  const swarm = createSwarmSim();
  await swarm.start();
  undo.push(() => swarm.stop());
  const [botToken, signingSecret] = [`xoxb-${randomUUID()}`, randomUUID()] as const;
  const channels = [{ id: 'C1', name: 'ops' }];
  const slack = createSlackSim({ botToken, signingSecret, channels });
  await slack.start();
  undo.push(() => slack.stop());
  const playbooks = await makeDir('crowds');
  await writeFile(join(playbooks, 'add.yaml'), playbook(mode));
  await writeFile(join(playbooks, 'policy.yaml'), policy);
  const cell = `crowd-${randomUUID()}`;
  const { url } = usePart('redis');
  const redis = new Redis(url);
  undo.push(() => redis.disconnect());
  const jidoka = await startJidoka({
    REDIS_URL: url,
    JIDOKA_CELL: cell,
    JIDOKA_PLAYBOOKS: playbooks,
    DOCKER_HOST: swarm.dockerHost(),
    SLACK_BOT_TOKEN: botToken,
    SLACK_SIGNING_SECRET: signingSecret,
    JIDOKA_ADMIN_TOKEN: 'admin',
    SLACK_CHANNEL: '#ops',
    SLACK_API_URL: slack.apiUrl(),
    LOG_LEVEL: 'error',
  });
  undo.push(() => jidoka.stop());
  return { jidoka, swarm, slack, ledger: createLedger({ redis, cell }) };
}

/** Posts notifications of these sizes at once; every one has to be taken. */
async function post(jidoka: Jidoka, alerts: readonly unknown[], sizes: readonly number[]) {
  const bodies: unknown[] = [];
  for (let from = 0, count = 0; from < alerts.length; count += 1) {
    const size = sizes[count % sizes.length] ?? 1;
    bodies.push(webhookBody(alerts.slice(from, from + size), `group-${count}`));
    from += size;
  }
  const answers = await Promise.all(bodies.map((body) => postAlerts(jidoka.url, body)));
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
}

/** How many of these alerts have a fate. */
async function decided(ledger: Ledger, all: readonly Record<string, string>[]): Promise<number> {
  const episodes = await ledger.episodes(all.map((labels) => identityOf(labels, new Set())));
  return episodes.filter((stored) => (stored?.value.verdicts.length ?? 0) > 0).length;
}

test('a thousand alerts that name one service make one run that the others join, and one message that counts them', async () => {
  const { jidoka, swarm, slack, ledger } = await start('approve');
  swarm.addService({ name: 'web', replicas: 1 });
  const labels = Array.from({ length: 1_000 }, (_, index) => ({
    alertname: 'Slow',
    service: 'web',
    instance: `i-${index}`,
  }));
  const [first, ...others] = labels.map((each) => webhookAlert(each));
  await post(jidoka, [first], [1]);
  const messages = () => slack.messages('#ops');
  await eventually('a person is asked in the thread', messages, ({ length }) => length === 2);
  await post(jidoka, others, [100]);
  await eventually(
    'all are decided',
    () => decided(ledger, labels),
    (count) => count === 1_000,
  );
  const { items } = await jidoka.api<{ items: { joined: number }[] }>('runs');
  expect(items).toMatchObject([{ joined: 1_000 }]);
  const text = () => JSON.stringify(messages().map(({ blocks }) => blocks));
  await eventually('the message counts them', text, (said) => said.includes('1000 alerts'));
  const [root, plan, ...more] = messages();
  expect(root?.threadTs).toBeUndefined();
  expect(plan?.threadTs).toBe(root?.ts);
  expect(more).toEqual([]);
  expect(swarm.updates).toEqual([]);
});

test('five thousand distinct alerts at once lose nothing, act within the blast radius and leave the receiver answering', async () => {
  const { jidoka, swarm, ledger } = await start('auto');
  const services = Array.from({ length: 20 }, (_, index) => `web-${index}`);
  for (const name of services) swarm.addService({ name, replicas: 1 });
  const labels = Array.from({ length: 5_000 }, (_, index) => ({
    alertname: index % 10 === 0 ? 'Slow' : `Unheard-${index % 7}`,
    service: services[Math.floor(index / 10) % services.length] ?? '',
    instance: `i-${index}`,
  }));
  let answering = true;
  let asked = 0;
  const asking = (async () => {
    while (answering) {
      expect((await fetch(`${jidoka.url}/-/healthy`)).status).toBe(200);
      asked += 1;
    }
  })();
  await post(
    jidoka,
    labels.map((each) => webhookAlert(each)),
    [1, 500, 7, 60, 300],
  );
  const count = () => decided(ledger, labels);
  await eventually('all are decided', count, (found) => found === 5_000, 120_000);
  answering = false;
  await asking;
  expect(asked).toBeGreaterThan(0);
  const tripped = () => jidoka.api<{ tripped: { escalationId: string } | null }>('blast-radius');
  const trip = await eventually('it has tripped', tripped, (found) => found.tripped !== null);
  const told = await jidoka.api(`escalations/${trip.tripped?.escalationId}`);
  expect(told).toMatchObject({ reason: 'blast_radius', state: 'open' });
  // what was admitted before it tripped, and has not acted yet, is held, too
  const changed = new Set(swarm.updates.map(({ service }) => service));
  expect(changed.size).toBeLessThanOrEqual(blastRadius);
});
