import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineRedis } from '../../src/cli/doctor/redis.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { isRedisFault } from '../../src/ledger/redis-fault.js';
import { systemClock } from '../../src/lib/clock.js';
import { createSwarmSim, type SwarmSim } from '../../src/sim/swarm.js';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import {
  type ClusterNode,
  startRedisCluster,
  type TestCluster,
} from '../support/parts/redis-cluster.js';

/* Two cells on one Redis Cluster of three masters, each with an engine of its own, as it is started. */

interface Cell {
  readonly name: string;
  readonly jidoka: Jidoka;
  readonly swarm: SwarmSim;
  readonly node: ClusterNode;
}

const undo: (() => Promise<unknown>)[] = [];
let cluster: TestCluster;
let cells: [Cell, Cell];

beforeAll(async () => {
  cluster = await startRedisCluster(3);
  undo.push(cluster.stop);
  const [first, second] = cluster.nodes;
  cells = [await startCell(first), await startCell(second)];
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** An engine whose keys are on this node. */
async function startCell(node: ClusterNode | undefined): Promise<Cell> {
  if (node === undefined) throw new Error('the cluster has no such node');
  const name = await nameOn(node);
  const swarm = createSwarmSim({ clock: systemClock });
  await swarm.start();
  undo.push(() => swarm.stop());
  for (const service of ['a', 'b', 'c', 'd']) swarm.addService({ name: service, replicas: 1 });
  const jidoka = await startJidoka({
    REDIS_URL: cluster.url,
    JIDOKA_CELL: name,
    DOCKER_HOST: swarm.dockerHost(),
    JIDOKA_PLAYBOOKS: await playbooks(),
  });
  undo.push(() => jidoka.stop());
  return { name, jidoka, swarm, node };
}

/** The name of a cell whose keys are on this node. */
async function nameOn(node: ClusterNode): Promise<string> {
  for (;;) {
    const name = `cell-${randomUUID()}`;
    if ((await cluster.nodeOf(`{${name}}`)) === node) return name;
  }
}

async function playbooks(): Promise<string> {
  const dir = await makeDir('playbooks');
  const playbook = [
    'name: add-one',
    'summary: Adds a replica.',
    'match: alertname = "Slow"',
    'mode: auto',
    'steps:',
    '  - swarm.scale: { service: "${{ labels.service }}", by: 1, max: 5 }',
    'guards: { cooldown: 0 }',
  ];
  await writeFile(join(dir, 'add-one.yaml'), playbook.join('\n'));
  await writeFile(join(dir, 'policy.yaml'), 'blast_radius: { targets: 2 per 1h }\n');
  return dir;
}

/** Posts alerts about services, each twice, and waits until each is decided. */
async function fire({ jidoka }: Cell, ...services: string[]): Promise<(string | undefined)[]> {
  const alerts = services.map((service) => webhookAlert({ alertname: 'Slow', service }));
  for (const body of [webhookBody(alerts), webhookBody(alerts)]) {
    expect((await postAlerts(jidoka.url, body)).status).toBe(200);
  }
  type Listed = { labels: { service: string }; verdicts: { reason: string }[] };
  const reasons = async () => {
    const { items } = await jidoka.api<{ items: Listed[] }>('alerts');
    return services.map(
      (name) => items.find(({ labels }) => labels.service === name)?.verdicts[0]?.reason,
    );
  };
  return eventually('all are decided', reasons, (seen) => !seen.includes(undefined));
}

/** The services that were changed, and to how many replicas. */
function changes({ swarm }: Cell): string[] {
  return swarm.updates.map(({ service, to }) => `${service} ${to}`);
}

test('an alert is acted on once, in the cell that it was posted to', async () => {
  const [one, two] = cells;
  expect(await fire(one, 'a')).toEqual(['matched']);
  expect(await fire(two, 'b')).toEqual(['matched']);
  await eventually(
    'one acts',
    () => changes(one),
    (seen) => seen.length === 1,
  );
  await eventually(
    'two acts',
    () => changes(two),
    (seen) => seen.length === 1,
  );
  expect([changes(one), changes(two)]).toEqual([['a 2'], ['b 2']]);
});

test('the keys of each cell, and nothing else, lie on its own node', async () => {
  const prefixes = await Promise.all(
    cluster.nodes.map(async ({ client }) => [
      ...new Set((await client.keys('*')).map((key) => /^{[^}]*}/.exec(key)?.[0])),
    ]),
  );
  expect(prefixes).toEqual([[`{${cells[0].name}}`], [`{${cells[1].name}}`], []]);
});

test('a blast radius that trips, and a pause, are those of one cell alone', async () => {
  const [one, two] = cells;
  expect((await fire(one, 'b', 'c')).sort()).toEqual(['blast_radius', 'matched']);
  expect(await fire(two, 'c')).toEqual(['matched']);
  const pause = { of: 'everything', by: 'ada', why: 'release' };
  expect(await post(one, 'pauses', pause)).toBe(200);
  expect(await post(one, 'blast-radius/reset', { by: 'ada' })).toBe(200);
  expect(await fire(one, 'd')).toEqual(['paused']);
  const read = async ({ jidoka }: Cell) => (await jidoka.api<{ items: object[] }>('pauses')).items;
  expect([(await read(one)).length, (await read(two)).length]).toEqual([1, 0]);
});

test('an engine finds its cell again when its slot is given to another node', async () => {
  const [one, two] = cells;
  const [, , empty] = cluster.nodes;
  if (empty === undefined) throw new Error('the cluster has no third node');
  await cluster.move(`{${two.name}}`, empty);
  await eventually(
    'the engine is ready',
    async () => (await fetch(`${two.jidoka.url}/-/ready`)).status,
    (status) => status === 200,
  );
  // told again, they are known; and the one that is new is behind the guards of before
  expect(await fire(two, 'b', 'c', 'd')).toEqual(['matched', 'matched', 'blast_radius']);
  expect(changes(two).sort()).toEqual(['b 2', 'c 2']);
  const left = await two.node.client.keys(`{${two.name}}*`);
  expect(left).toEqual([]);
  expect((await one.jidoka.api<{ items: object[] }>('runs')).items).toHaveLength(2);
});

test('while a slot moves, a transaction is refused before it has written anything', async () => {
  const [, second, third] = cluster.nodes;
  if (second === undefined || third === undefined) throw new Error('the cluster has no such node');
  const ledger = createLedger({ redis: second.client, cell: await nameOn(second) });
  const { schedule, runs } = ledger.keys;
  const commit = (atMs: number) =>
    ledger.commit({
      checks: [],
      writes: [
        ['ZADD', schedule, atMs, 'run:1'],
        ['ZADD', runs, atMs, '1'],
      ],
      nowMs: 1,
    });
  await second.client.zadd(schedule, 1, 'run:1');
  const slot = Number(await second.client.call('CLUSTER', 'KEYSLOT', schedule));
  await second.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', third.id);
  const refused: unknown = await commit(2).catch((error: unknown) => error);
  expect(isRedisFault(refused)).toBe(true);
  expect(await second.client.zscore(schedule, 'run:1')).toBe('1');
  await second.client.call('CLUSTER', 'SETSLOT', slot, 'STABLE');
  expect(await commit(3)).toEqual({ kind: 'committed' });
  await second.client.del(schedule, runs);
});

test('the address of a single node is told from that of the cluster', async () => {
  const [one] = cells;
  const [other] = cluster.nodes.filter((node) => node !== one.node);
  const env = (port = 0) => ({ REDIS_URL: `redis://127.0.0.1:${port}`, JIDOKA_CELL: one.name });
  await expect(startJidoka(env(other?.port))).rejects.toThrow(
    /is a node of a Redis Cluster: set REDIS_URL to redis\+cluster:\/\/HOST:PORT,HOST:PORT/,
  );
  const examine = async (redisUrl: string) =>
    (await examineRedis({ redisUrl, cell: one.name, role: 'all', timeoutMs: 5_000 })).map(
      ({ level, text }) => `${level}: ${text}`,
    );
  expect(await examine(env(other?.port).REDIS_URL)).toContainEqual(
    expect.stringMatching(/^wrong: .*a node of a Redis Cluster/),
  );
  const found = await examine(cluster.url);
  expect(found).toContainEqual(expect.stringMatching(/^ok: cell ".*": 4 open alerts/));
  expect(found).toContainEqual(
    expect.stringMatching(
      new RegExp(`^ok: slot \\d+, which holds the cell, is on 127.0.0.1:${one.node.port}$`),
    ),
  );
  expect(found).toContainEqual(expect.stringMatching(/^warning: cluster-require-full-coverage/));
  expect(found.join('\n')).not.toMatch(/^wrong/m);
});

test('an engine goes on at the replica of a node that failed', async () => {
  const [, two] = cells;
  const [, , node] = cluster.nodes;
  if (node === undefined) throw new Error('the cluster has no third node');
  await cluster.follow(node);
  node.kill();
  const ready = async () => (await fetch(`${two.jidoka.url}/-/ready`)).status;
  await eventually('it is missed', ready, (status) => status === 503);
  await eventually('the replica has taken over', ready, (status) => status === 200);
  expect(await post(two, 'blast-radius/reset', { by: 'ada' })).toBe(200);
  expect(await fire(two, 'a', 'b')).toEqual(['matched', 'matched']);
  await eventually(
    'it acts',
    () => changes(two),
    (seen) => seen.includes('a 2'),
  );
  expect(changes(two).filter((change) => change.startsWith('b '))).toEqual(['b 2']);
});

async function post({ jidoka }: Cell, path: string, body: object): Promise<number> {
  const { status } = await fetch(`${jidoka.url}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return status;
}
