import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { startRedis, type TestRedis } from '../support/parts/redis.js';

/* An operator halts a running engine at the command line, and lets it go on. */

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

const run = (...args: string[]) => runJidoka(args, env);

test('a pause holds what would be done, and is seen in the status until it is lifted', async () => {
  const paused = await run('pause', '--why', 'release of the shop', '--for', '2h');
  expect(paused.stdout).toMatch(/^everything is paused until \d\d:\d\d:\d\d \(in [^)]+\)\n$/);
  expect(paused.code).toBe(0);

  const fired = await run('fire', 'alertname=Slow', 'service=web', 'scale=up', '--wait');
  expect(fired.stdout).toMatch(/^deferred by scale-service-up: .* \(paused\)/m);
  expect(fired.stdout).toContain('release of the shop');
  expect(swarm.updates).toEqual([]);
  const { stdout } = await run('status');
  expect(stdout).toMatch(/Paused \(1\)\n {2}everything by ada: release of the shop; until /);

  expect(await run('resume')).toMatchObject({ code: 0, stdout: 'everything resumed\n' });
  expect((await run('status')).stdout).toContain('Paused: nothing');
});

test('one thing may be paused and lifted by its name, and all at once', async () => {
  await run('pause', '--target', 'web', '--why', 'a');
  await run('pause', '--direction', 'down', '--why', 'b', '--by', 'bob');
  const wrong = await run('resume', '--playbook', 'scale-service-up');
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain(
    'the playbook scale-service-up is not paused; paused: the target web, the direction down',
  );
  expect((await run('resume', '--target', 'web')).stdout).toBe('the target web resumed\n');
  expect((await run('resume', '--all')).stdout).toBe('the direction down resumed\n');
  expect(await run('resume', '--all')).toMatchObject({ code: 0, stdout: '' });
  expect((await run('resume')).stderr).toContain('everything is not paused; paused: nothing');
});

test('a target that does not exist is refused, with the one that was meant', async () => {
  const wrong = await run('pause', '--target', 'wbe', '--why', 'x');
  expect(wrong).toMatchObject({ code: 1, stdout: '' });
  expect(wrong.stderr).toBe(
    'jidoka: nothing was paused: no service, node or group is called "wbe"; did you mean "web"?\n',
  );
  expect((await run('pause', '--target', 'nope', '--why', 'x')).stderr).toMatch(/called "nope"\n$/);
  expect((await run('status')).stdout).toContain('Paused: nothing');
});

test('where the targets cannot be read, a pause is set with a warning', async () => {
  await swarm.stop();
  try {
    const paused = await run('pause', '--target', 'wbe', '--why', 'emergency');
    expect(paused).toMatchObject({
      code: 0,
      stdout: 'the target wbe is paused until it is lifted\n',
    });
    expect(paused.stderr).toMatch(
      /^jidoka: warning: whether there is such a target could not be told \(/,
    );
  } finally {
    await run('resume', '--target', 'wbe');
    await swarm.start();
  }
});

test('a playbook that does not exist, and a call that says no reason, pause nothing', async () => {
  const unknown = await run('pause', '--playbook', 'scale-servce-up', '--why', 'x');
  expect(unknown.code).toBe(1);
  expect(unknown.stderr).toContain('did you mean "scale-service-up"?');
  for (const args of [[], ['--why', ''], ['--why', 'x', '--for', 'long']]) {
    expect(await run('pause', ...args)).toMatchObject({ code: 2, stdout: '' });
  }
  expect(await run('resume', '--all', '--target', 'web')).toMatchObject({ code: 2 });
  expect((await run('status')).stdout).toContain('Paused: nothing');
});
