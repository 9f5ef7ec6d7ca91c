import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jsonText } from '../../src/cli/output.js';
import { webhookAlert, webhookBody } from '../support/alerts.js';
import { dumpKeys } from '../support/dump.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { dockerClient, startService, type TestService } from '../support/parts/docker.js';
import { makeDir } from '../support/parts/place.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';
import { usePart } from '../support/parts.js';

/* An operator asks a running engine on a real Redis about a real service, and nothing is any other after. */

const run = promisify(execFile);
const token = { JIDOKA_ADMIN_TOKEN: 'admin' };
const up = { alertname: 'ShopSlow', scale: 'up' };
let redis: TestRedis;
let client: Redis;
let service: TestService;
let jidoka: Jidoka;
let env: Readonly<Record<string, string>>;
let dir: string;

beforeAll(async () => {
  redis = await startRedis();
  client = new Redis(redis.url);
  const labels = { 'com.df.scaleMin': '1', 'com.df.scaleMax': '3' };
  service = await startService({ name: 'shop', replicas: 1, labels });
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    DOCKER_HOST: usePart('docker').dockerHost,
    LOG_LEVEL: 'silent',
    ...token,
  });
  env = { ...token, PORT: new URL(jidoka.url).port, USER: 'ada', TZ: 'UTC' };
  dir = await makeDir('explain');
});

afterAll(async () => {
  await jidoka?.stop();
  client?.disconnect();
  await redis?.stop();
  await service?.remove();
});

const explain = (...args: string[]) => runJidoka(['explain', ...args], env);

/** The service's whole specification and version, and all that the ledger holds but the engine's own marks. */
async function standing() {
  const { Spec, Version } = await dockerClient().getService(service.id).inspect();
  const keys = await dumpKeys(client, '{jidoka}:ledger:');
  const leases = ['present-version', 'audit-sealer', 'history-packer', 'prometheus-fresh'];
  const moving = ['marks', 'turn:', ...leases];
  const still = Object.entries(keys).filter(([key]) => !moving.some((name) => key.includes(name)));
  return { Spec, Version, keys: Object.fromEntries(still) };
}

test('it says what would be done to the service as it is, and neither Redis nor the service changes', async () => {
  const before = await standing();
  const { stdout, code } = await explain(...words({ ...up, service: service.name }));
  expect(stdout).toMatch(`It would scale ${service.name} from 1 to 2 replicas now.\n`);
  expect(stdout).toContain(`1. swarm.scale ${service.name}: 1 → 2 → 3 replicas\n  ✓ no guard`);
  expect(code).toBe(0);
  expect(await standing()).toEqual(before);
  expect(Object.keys(before.keys)).not.toEqual([]);
});

test('alerts come in any form, from a file or on standard input', async () => {
  const labels = { ...up, service: service.name };
  const forms = [
    webhookBody([webhookAlert(labels)]),
    webhookAlert(labels),
    [{ ...webhookAlert(labels), status: { state: 'active' } }],
    labels,
  ];
  for (const form of forms) {
    const file = join(dir, 'alert.json');
    await writeFile(file, JSON.stringify(form));
    const { stdout, code } = await explain('--alert', file);
    expect(stdout).toMatch(/^It would scale .* from 1 to 2 replicas now\.\n/);
    expect(code).toBe(0);
  }
  const shell = `printf 'scale: up\nservice: ${service.name}\n' | ${process.execPath} dist/main.js explain --alert -`;
  const { stdout } = await run('sh', ['-c', shell], { env: { PATH: process.env.PATH, ...env } });
  expect(stdout).toMatch(/^It would scale/);
});

test('what it prints for programs is what the API answers, in camel case', async () => {
  const labels = { ...up, service: service.name };
  const { stdout } = await explain(...words(labels), '--output', 'json', '--all');
  const shown = JSON.parse(stdout);
  expect(shown.items).toMatchObject([
    {
      live: true,
      forecasts: [
        {
          fate: 'run',
          heldBy: [],
          steps: [
            {
              operations: [
                { from: 1, to: 2 },
                { from: 2, to: 3 },
              ],
            },
          ],
        },
      ],
    },
  ]);
  expect(shown.items[0].playbooks).toHaveLength(shown.items[0].total);
  expect(shown.items[0].total).toBeGreaterThan(4);
  const answer = await fetch(`${jidoka.url}/api/v1/explain?all=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer admin' },
    body: JSON.stringify(labels),
  });
  const { items } = (await answer.json()) as typeof shown;
  const [expected] = JSON.parse(jsonText(items));
  expect(shown.items).toEqual([{ ...expected, atMs: shown.items[0].atMs }]);
});

describe('what cannot be explained is said:', () => {
  test.each<[string, string[], number, RegExp]>([
    ['no alert', [], 2, /expected an alert: either labels such as service=web, or --alert FILE/],
    ['two ways of giving one', ['a=b', '--alert', 'x'], 2, /either labels/],
    ['an unknown format', ['a=b', '--output', 'xml'], 2, /Allowed choices are text, json/],
    ['an engine and none', ['a=b', '--url', 'http://x', '--playbooks', 'y'], 2, /not both/],
    ['a word that is no label', ['Slow'], 2, /label "Slow": expected name=value/],
    [
      'a file that there is not',
      ['--alert', '/none.json'],
      2,
      /--alert: no such file or directory \(\/none\.json\)/,
    ],
    [
      'a file of something else',
      ['--alert', 'package.json'],
      1,
      /package\.json: alert: expected a webhook body/,
    ],
    [
      'a playbook that there is not',
      ['a=b', '--playbook', 'watchdgo'],
      1,
      /did you mean "watchdog"\?/,
    ],
    ['an engine that is not there', ['a=b', '--url', 'http://127.0.0.1:4'], 1, /no engine answers/],
    ['a folder that there is not', ['a=b', '--playbooks', '/none'], 2, /no such file or directory/],
  ])('%s', async (_, args, code, message) => {
    const ran = await explain(...args);
    expect(ran.stderr).toMatch(message);
    expect(ran).toMatchObject({ code, stdout: '' });
  });

  test('a caller without the token', async () => {
    const { code, stderr } = await runJidoka(['explain', 'a=b'], { PORT: env.PORT ?? '' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/answered 401: .*JIDOKA_ADMIN_TOKEN/);
  });
});

describe('docs/how-to/explain-a-decision.md', () => {
  const guide = readFileSync('docs/how-to/explain-a-decision.md', 'utf8');
  const blocks = [...guide.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', text = '']) => ({
      kind,
      text,
    }),
  );

  /** Times and ids are others each time, and the service has another name here. */
  const still = (text: string) =>
    text
      .replaceAll(service.name, 'shop_web')
      .replace(/\d\d:\d\d:\d\d \([^)]*\)/g, 'TIME')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
      .replace(/of \d+ matches/g, 'of ALL matches');

  test('has commands that answer as it says', async () => {
    const yaml = blocks.find(({ kind }) => kind === 'yaml')?.text ?? '';
    await writeFile(join(dir, 'alert.yaml'), yaml.replaceAll('shop_web', service.name));
    const main = join(process.cwd(), 'dist/main.js');
    const playbooks = join(process.cwd(), 'playbooks');
    let said = '';
    let compared = 0;
    for (const { kind, text } of blocks) {
      if (kind === 'sh') {
        const shell = text
          .replaceAll('npx jidoka', 'jidoka')
          .replaceAll('shop_web', service.name)
          .replaceAll(':9095', `:${env.PORT}`)
          .replaceAll('curl ', 'curl -H "Authorization: Bearer admin" ')
          .replaceAll('--playbooks playbooks', `--playbooks ${playbooks}`);
        const script = `set -e; jidoka() { '${process.execPath}' '${main}' "$@"; }\n${shell}`;
        const options = { cwd: dir, env: { PATH: process.env.PATH, ...env } };
        said = (await run('sh', ['-c', script], options)).stdout;
      } else if (kind === 'text' && !text.startsWith('curl')) {
        compared += 1;
        // a block shows the end of what those before it print, or its beginning where it ends with …
        const [shown, cut] = [still(text).replace(/ *…\n$/, ''), text.endsWith('…\n')];
        const holds = cut ? still(said).startsWith(shown) : still(said).endsWith(shown);
        expect(holds, `${still(said)}\n--- docs:\n${shown}`).toBe(true);
      }
    }
    expect(compared).toBe(3);
    expect(JSON.parse(said).items).toMatchObject([
      { forecasts: [{ playbook: 'scale-service-up' }] },
    ]);
  }, 60_000);
});

test('an engine whose Redis is away says that it cannot tell, before anybody gives up waiting', async () => {
  client.disconnect();
  await redis.stop();
  const { code, stdout, stderr } = await explain(...words({ ...up, service: service.name }));
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/answered 503: not possible now/);
  await redis.restart();
});

function words(labels: Readonly<Record<string, string>>): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
}
