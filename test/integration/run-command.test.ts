import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* A person runs a playbook at the command line: first the preview, then the run, once. */

const token = { JIDOKA_ADMIN_TOKEN: 'admin' };
let redis: TestRedis;
let swarm: SwarmSim;
let jidoka: Jidoka;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  redis = await startRedis();
  swarm = createSwarmSim();
  await swarm.start();
  const labels = { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' };
  swarm.addService({ name: 'web', replicas: 2, labels });
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    DOCKER_HOST: swarm.dockerHost(),
    LOG_LEVEL: 'silent',
    ...token,
  });
  env = { ...token, PORT: new URL(jidoka.url).port, USER: 'ada' };
});

afterAll(async () => {
  await jidoka?.stop();
  await swarm?.stop();
  await redis?.stop();
});

const run = (...args: string[]) => runJidoka(['run', ...args], env);

test('a preview says what would happen, and changes nothing', async () => {
  const { code, stdout } = await run('scale-service-up', 'service=web', '--dry-run');
  expect(stdout).toMatch(/^It would scale web from 2 to 3 replicas now\./);
  expect(stdout).toContain('✓ no guard is in the way');
  expect(code).toBe(0);
  expect(swarm.updates).toEqual([]);
});

test('a run starts once, with a name and a reason; sent again it says what came of it', async () => {
  const command = [
    'scale-service-up',
    'service=web',
    '--why',
    'the sale starts',
    '--key',
    'sale-2026',
  ];
  const first = await run(...command);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toMatch(
    /^scale-service-up: (started|done) \(run \S+\): Scaling web from 2 to 3/,
  );
  const again = await run(...command, '-o', 'json');
  const { run: id, key } = JSON.parse(again.stdout) as { run: string; key: string };
  expect(key).toBe('sale-2026');
  expect(first.stdout).toContain(id);
  expect(await jidoka.api(`runs/${id}`)).toMatchObject({
    manual: { by: 'ada', why: 'the sale starts' },
  });
  expect(swarm.updates).toHaveLength(1);

  const held = await run('scale-service-up', 'service=web', '--why', 'once more');
  expect(held.stdout).toMatch(/^scale-service-up: deferred \(alert \S+\)/);
  expect(swarm.updates).toHaveLength(1);
});

test('what cannot be is said, with its place', async () => {
  const without = await run('scale-service-up', 'service=web');
  expect(without.code).toBe(2);
  expect(without.stderr).toContain('--why: expected a reason');
  const mistyped = await run('scale-service-upp', '--why', 'x');
  expect(mistyped.code).toBe(1);
  expect(mistyped.stderr).toContain('did you mean "scale-service-up"?');
  const unmet = await run('scale-service-up', '--why', 'x');
  expect(unmet.stderr).toContain('scale-service-up does not match these labels');
});
