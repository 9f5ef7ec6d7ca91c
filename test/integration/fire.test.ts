import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* An operator at the command line, beside a running engine on a real Redis and a simulated Swarm. */

const tokens = { JIDOKA_WEBHOOK_TOKEN: 'hook', JIDOKA_ADMIN_TOKEN: 'admin' };
let redis: TestRedis;
let swarm: SwarmSim;
let jidoka: Jidoka;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  redis = await startRedis();
  swarm = createSwarmSim();
  await swarm.start();
  const labels = { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' };
  for (const name of ['web', 'db']) swarm.addService({ name, replicas: 2, labels });
  const settings = {
    REDIS_URL: redis.url,
    DOCKER_HOST: swarm.dockerHost(),
    JIDOKA_LISTEN: '127.0.0.1',
    LOG_LEVEL: 'silent',
  };
  jidoka = await startJidoka({ ...settings, ...tokens });
  env = { ...tokens, PORT: new URL(jidoka.url).port };
});

afterAll(async () => {
  await jidoka?.stop();
  await swarm?.stop();
  await redis?.stop();
});

const fire = (...args: string[]) => runJidoka(['fire', ...args], env);

describe('jidoka fire', () => {
  test('shows what became of the alert, and the engine acts on it as on a real one', async () => {
    const up = ['alertname=Slow', 'service=web', 'scale=up'];
    const fired = await fire(...up, '--annotation', 'summary=it is slow', '--wait');
    expect(fired.stderr).toBe('');
    expect(fired.stdout.split('\n')).toEqual([
      `sent to ${jidoka.url}: Slow{scale="up", service="web"} is firing`,
      'remediating by scale-service-up: a playbook matches this alert (matched)',
      expect.stringMatching(/^ {2}run \S+$/),
      '',
    ]);
    expect(fired.code).toBe(0);
    await eventually(
      'web has 3 replicas',
      async () => swarm.service('web').replicas,
      (n) => n === 3,
    );

    const resolved = await fire(...up.toReversed(), '--resolved', '--wait');
    expect(resolved.stdout).toMatch(/is resolved\nclosed: alert \S+\n$/);
    expect(resolved.code).toBe(0);
    const again = await fire(...up, '--resolved', '--wait');
    expect(again.stdout).toContain('no open alert had these labels');
  });

  test('shows who is asked about an alert that no playbook matches, and what missed it', async () => {
    const { code, stdout } = await fire('alertname=Odd', 'service=db', '--wait');
    expect(stdout).toMatch(/escalated: no playbook matches this alert \(no_match\)/);
    expect(stdout).toMatch(/ {2}[\w-]+ does not match: \w+ ?= ?"\w+": expected "\w+", got/);
    expect(code).toBe(0);
  });

  test('says what the engine refuses, and that nothing listens', async () => {
    const noToken = await runJidoka(['fire', 'alertname=Slow'], { PORT: env.PORT ?? '' });
    expect(noToken).toMatchObject({ code: 1, stdout: '' });
    expect(noToken.stderr).toMatch(/answered 401: expected the token in JIDOKA_WEBHOOK_TOKEN/);

    const noAdmin = { PORT: env.PORT ?? '', JIDOKA_WEBHOOK_TOKEN: 'hook' };
    const unseen = await runJidoka(['fire', 'alertname=Unseen', '--wait'], noAdmin);
    expect(unseen.code).toBe(1);
    expect(unseen.stderr).toMatch(/answered 401: .*JIDOKA_ADMIN_TOKEN; set it here/);

    const nobody = await fire('alertname=Slow', '--url', 'http://127.0.0.1:4');
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toMatch(/no engine answers at http:\/\/127\.0\.0\.1:4: .*jidoka serve/);
  });

  test.each(['<html>', 'null'])('says that something else answers: %s', async (body) => {
    const other = createServer((_, response) => response.end(body));
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const { code, stderr } = await fire('alertname=Slow', '--url', url);
    other.close();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('does not answer as Jidoka does'),
    });
  });

  test('refuses labels that cannot be read before anything is sent', async () => {
    const { code, stdout, stderr } = await fire('Slow');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/label "Slow": expected name=value.*\nRun 'jidoka fire --help'\.\n$/);
  });
});

describe('jidoka status', () => {
  test('shows what waits for a person, what is in progress and what is held', async () => {
    const up = ['alertname=Slow', 'service=db', 'scale=up', '--wait'];
    await fire(...up);
    await eventually(
      'db has 3 replicas',
      async () => swarm.service('db').replicas,
      (n) => n === 3,
    );
    const down = await fire('alertname=Idle', 'service=db', 'scale=down', '--wait');
    expect(down.stdout).toMatch(/^deferred by scale-service-down: .* \(cooldown\), until \d\d:/m);
    const { code, stdout } = await runJidoka(['status'], env);
    expect(stdout).toContain(`${jidoka.url} is ready\n  redis       writable`);
    expect(stdout).toMatch(/Needs attention \(\d+\)\n {2}unmatched /);
    expect(stdout).toMatch(
      /Active runs \(1\)\n {2}scale-service-up: \w+, scale db from 2 to 3 replicas/,
    );
    expect(stdout).toMatch(/Deferred \(1\)\n {2}Idle\{.*\}: scale-service-down: .*, until \d\d:/);
    expect(code).toBe(0);
  });
});

test('an engine whose Redis is away answers 503, is not ready and shows no empty lists', async () => {
  await redis.stop();
  const fired = await fire('alertname=Slow');
  expect(fired.code).toBe(1);
  expect(fired.stderr).toMatch(/answered 503: Redis could not store the notification/);
  const { code, stdout } = await runJidoka(['status'], env);
  expect(code).toBe(1);
  expect(stdout).toMatch(/is NOT READY\n {2}redis +FAILS: /);
  expect(stdout).toContain('Open alerts and runs are shown when the engine is ready.');
  await redis.restart();
});

test('the command line tells all its commands, and each its help', async () => {
  const { code, stdout } = await runJidoka(['--help']);
  expect(code).toBe(0);
  const names = [...stdout.matchAll(/^ {2}([a-z]+)(?: [[<].*)? {2,}\S/gm)].map(
    ([, name = '']) => name,
  );
  expect(names).toEqual(expect.arrayContaining(['serve', 'demo', 'doctor', 'fire', 'status']));
  for (const name of names.filter((name) => name !== 'help')) {
    const help = await runJidoka([name, '--help']);
    expect(help).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^Usage: jidoka ${name}`),
    });
    expect(await runJidoka([name, '--no-such-option'])).toMatchObject({ code: 2 });
  }
  for (const args of [[], ['nothing'], ['toString']]) {
    expect(await runJidoka(args)).toMatchObject({ code: 2, stdout: '' });
  }
});
