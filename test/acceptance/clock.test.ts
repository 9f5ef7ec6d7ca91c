import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Readiness } from '../../src/api/health.js';
import type { Pause } from '../../src/guard/pause.js';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* The engine as it is delivered, on a machine whose clock is wrong. */

const hour = 3_600_000;
const day = 24 * hour;

let redis: TestRedis;
let swarm: SwarmSim;
let env: Record<string, string>;
let clockFile: string;
const started: Jidoka[] = [];

beforeEach(async () => {
  redis = await startRedis();
  swarm = createSwarmSim({ convergeMs: 100 });
  await swarm.start();
  for (const name of ['web', 'db']) {
    swarm.addService({ name, replicas: 1, labels: { 'com.df.scaleMax': '5' } });
  }
  const playbooks = await makeDir('playbooks');
  const playbook = [
    'name: add',
    'summary: Adds a replica.',
    'match: alertname = "Slow"',
    'mode: auto',
    'steps:',
    '  - swarm.scale: { service: "${{ labels.service }}", by: 1 }',
  ];
  await writeFile(join(playbooks, 'add.yaml'), playbook.join('\n'));
  clockFile = join(await makeDir('clock'), 'shift-ms');
  env = {
    REDIS_URL: redis.url,
    DOCKER_HOST: swarm.dockerHost(),
    JIDOKA_PLAYBOOKS: playbooks,
    NODE_OPTIONS: `--import ${resolve('test/support/shifted-clock.mjs')}`,
    CLOCK_FILE: clockFile,
  };
});

afterEach(async () => {
  for (const one of started.splice(0)) await one.stop();
  await swarm.stop();
  await redis.stop();
});

async function start(): Promise<Jidoka> {
  const one = await startJidoka(env);
  started.push(one);
  return one;
}

const wrongBy = (ms: number) => writeFile(clockFile, String(ms));
const fire = ({ url }: Jidoka, service: string) => {
  const startsAt = new Date().toISOString();
  return postAlerts(url, webhookBody([webhookAlert({ alertname: 'Slow', service }, { startsAt })]));
};
const changed = (service: string) =>
  eventually(
    `${service} is scaled`,
    () => swarm.updates.filter((update) => update.service === service).length,
    (count) => count === 1,
  );
const clockCheck = async ({ url }: Jidoka) =>
  ((await (await fetch(`${url}/-/ready`)).json()) as Readiness).checks.clock;

test('that is two hours from that of Redis: it does not start, and says what to do', async () => {
  await wrongBy(2 * hour);
  await expect(start()).rejects.toThrow(/clock of this machine is 2 h ahead of that of Redis.*NTP/);
});

test('that jumps ahead by 8 days: it takes alerts in and changes nothing until the clock fits again', async () => {
  const jidoka = await start();
  await fire(jidoka, 'web');
  await changed('web');

  await wrongBy(8 * day);
  await eventually(
    'it says so',
    () => clockCheck(jidoka),
    (check) => check?.ok === false && /^(8 d|7 d 23 h) ahead of that of Redis/.test(check.detail),
  );
  expect(await (await fetch(`${jidoka.url}/metrics`)).text()).toMatch(
    /^jidoka_clock_skew_seconds 69\d{4}/m,
  );
  expect((await fire(jidoka, 'db')).status).toBe(200);
  await eventually(
    'the log says so',
    () =>
      jidoka.logged.some((line) =>
        line.includes('this engine changes nothing until the clocks agree'),
      ),
    (said) => said,
  );
  expect(swarm.updates).toHaveLength(1);

  await wrongBy(0);
  await changed('db');
  expect(await clockCheck(jidoka)).toBeUndefined();
  expect((await jidoka.api<{ items: Pause[] }>('pauses')).items).toEqual([]);
});
