import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { eventually, untilPasses } from '../support/eventually.js';
import { type Jidoka, runJidoka, startJidoka } from '../support/jidoka.js';
import { usePart } from '../support/parts.js';

const swarm = createSwarmSim();
let jidoka: Jidoka;

beforeAll(async () => {
  await swarm.start();
  const DOCKER_HOST = swarm.dockerHost();
  await swarm.stop();
  const REDIS_URL = usePart('redis').url;
  jidoka = await startJidoka({ REDIS_URL, DOCKER_HOST, JIDOKA_CELL: `away-${randomUUID()}` });
});

afterAll(async () => {
  await jidoka.stop();
  await swarm.stop();
});

interface Ready {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

const ready = async () => (await (await fetch(`${jidoka.url}/-/ready`)).json()) as Ready;
const up = async () =>
  /^jidoka_target_up\{target="swarm"\} (\d)/m.exec(
    await (await fetch(`${jidoka.url}/metrics`)).text(),
  )?.[1];
const said = (text: string) => jidoka.logged.filter((line) => line.includes(text)).length;

test('an engine whose Swarm is away says so everywhere, stays ready, and says when it is back', async () => {
  await eventually('it is told', async () => (await ready()).checks.swarm?.ok === false, Boolean);
  expect((await ready()).ready).toBe(true);
  expect((await ready()).checks.swarm?.detail).toContain('connection refused');
  expect(await up()).toBe('0');
  expect(said('Docker Swarm did not answer')).toBe(1);
  const status = await runJidoka(['status', '--url', jidoka.url]);
  expect(status.code).toBe(0);
  expect(status.stdout).toMatch(/^ {2}swarm +FAILS: no answer since .*connection refused/m);

  await swarm.start();
  await eventually('it is back', up, (value) => value === '1', 60_000);
  await untilPasses(async () =>
    expect((await ready()).checks.swarm).toEqual({ ok: true, detail: 'answers' }),
  );
  await eventually(
    'it is logged',
    () => said('Docker Swarm is back'),
    (times) => times === 1,
  );
  expect(said('Docker Swarm did not answer')).toBe(1);
});
