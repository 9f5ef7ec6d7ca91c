import { Redis } from 'ioredis';
import { startChild, untilReady } from '../../../src/local/child.js';
import { ensureProgram } from '../../../src/local/packages.js';
import { eventually } from '../eventually.js';
import { makeDir, onFreePort } from './place.js';

/** A master of a Redis Cluster. */
export interface ClusterNode {
  readonly port: number;
  readonly id: string;
  readonly client: Redis;
  /** Ends it at once, as a crash does. */
  kill(): void;
}

/** A Redis Cluster of masters that share the slots evenly. */
export interface TestCluster {
  /** As REDIS_URL has it, with all nodes. */
  readonly url: string;
  readonly nodes: readonly ClusterNode[];
  /** The node that holds the slot of a key. */
  nodeOf(key: string): Promise<ClusterNode>;
  /** Has a new node follow one, to take its place within seconds when it fails. */
  follow(node: ClusterNode): Promise<void>;
  /** Hands the slot of a key with all that is in it over to another node. */
  move(key: string, to: ClusterNode): Promise<void>;
  stop(): Promise<void>;
}

const slots = 16_384;
const startTimeoutMs = 10_000;

/** Starts a Redis Cluster on loopback ports. */
export async function startRedisCluster(size: number): Promise<TestCluster> {
  const program = await ensureProgram({ program: 'redis-server', package: 'redis-server' });
  const started: Awaited<ReturnType<typeof startNode>>[] = [];
  for (let index = 0; index < size; index += 1) started.push(await startNode(program));
  const nodes = await Promise.all(
    started.map(async ({ port, client, child }) => ({
      port,
      client,
      kill: () => process.kill(child.pid ?? 0, 'SIGKILL'),
      id: String(await client.call('CLUSTER', 'MYID')),
    })),
  );
  for (const [index, { client }] of nodes.entries()) {
    const [from, to] = [index, index + 1].map((edge) => Math.floor((edge * slots) / size));
    await client.call('CLUSTER', 'ADDSLOTSRANGE', from ?? 0, (to ?? 0) - 1);
    for (const { port, busPort } of started)
      await client.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
  }
  for (const { client } of nodes) {
    const state = async () => String(await client.call('CLUSTER', 'INFO'));
    const whole = new RegExp(`cluster_state:ok[^]*cluster_known_nodes:${size}\r`);
    await eventually('the nodes know each other', state, (seen) => whole.test(seen));
  }

  async function nodeOf(key: string): Promise<ClusterNode> {
    for (const node of nodes) {
      const answer = await node.client.exists(key).catch((error: Error) => error.message);
      if (typeof answer === 'number') return node;
    }
    throw new Error(`no node has ${key}`);
  }

  async function follow(node: ClusterNode): Promise<void> {
    const replica = await startNode(program);
    started.push(replica);
    const { client, port, busPort } = replica;
    for (const { client: known } of nodes)
      await known.call('CLUSTER', 'MEET', '127.0.0.1', port, busPort);
    const replicate = () =>
      client.call('CLUSTER', 'REPLICATE', node.id).catch((error: Error) => error.message);
    await eventually('it knows whom to follow', replicate, (seen) => seen === 'OK');
    const info = () => node.client.info('replication');
    await eventually('it has caught up', info, (seen) => /slave0:.*state=online/.test(seen));
  }

  async function move(key: string, to: ClusterNode): Promise<void> {
    const from = await nodeOf(key);
    const slot = Number(await from.client.call('CLUSTER', 'KEYSLOT', key));
    await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    for (;;) {
      const found = await from.client.call('CLUSTER', 'GETKEYSINSLOT', slot, 1_000);
      const keys = found as string[];
      if (keys.length === 0) break;
      await from.client.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5_000, 'KEYS', ...keys);
    }
    for (const { client } of [to, from, ...nodes]) {
      await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id);
    }
  }

  return {
    url: `redis+cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(',')}`,
    nodes,
    nodeOf,
    follow,
    move,
    async stop() {
      for (const { client, child } of started) {
        client.disconnect();
        await child.stop(1_000);
      }
    },
  };
}

async function startNode(program: string) {
  const dir = await makeDir('redis-cluster');
  return onFreePort((port) =>
    onFreePort(async (busPort) => {
      const child = startChild({
        command: [program, '-'],
        input: [
          `dir ${JSON.stringify(dir)}`,
          'bind 127.0.0.1',
          `port ${port}`,
          `cluster-port ${busPort}`,
          'cluster-enabled yes',
          'cluster-node-timeout 1000',
          'appendonly yes',
          'save ""',
          'maxmemory-policy noeviction',
        ].join('\n'),
        deathSignal: 'SIGKILL',
        onLine: () => {},
      });
      const client = new Redis({ port, lazyConnect: true, retryStrategy: () => null });
      client.on('error', () => {});
      await untilReady(child, {
        ready: async () => {
          if (client.status !== 'ready') await client.connect().catch(() => {});
          return client.status === 'ready';
        },
        timeoutMs: startTimeoutMs,
        failure: (detail) => new Error(`${program}: ${detail}`),
      });
      return { port, busPort, child, client };
    }),
  );
}
