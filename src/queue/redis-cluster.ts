import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import { createKeys } from '../ledger/keys.js';
import type { ClusterAddress, ClusterNode } from '../redis-address.js';

/** How long a node may take to say where the keys of a cell are. */
const askTimeoutMs = 2_000;
/** A cluster that knows its own mind sends nobody on more than once. */
const mostHops = 4;
/** What a client of ioredis is made with. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** Where another node sends whoever asked for a key; `null`: the error is about something else. */
export function movedTo(error: unknown, asked: ClusterNode): ClusterNode | null {
  const text = error instanceof Error ? error.message : '';
  const [, host = '', port] = /^MOVED \d+ (.*):(\d+)$/.exec(text) ?? [];
  // a cluster that does not know its own addresses leaves the host out
  return port === undefined ? null : { host: host || asked.host, port: Number(port) };
}

/**
 * What makes a client of ioredis a connection to the one node of a Redis Cluster that holds a cell: all
 * keys of a cell share a slot. Each time it connects it asks the nodes that it knows where that is, and
 * it does so anew when a node answers that the cell has moved; what was asked then is asked again there.
 */
export function inCluster({ nodes, access }: ClusterAddress, cell: string): ConnectionOptions {
  const { agenda } = createKeys(cell);
  let known: ClusterNode | undefined;
  let finding: Promise<ClusterNode> | undefined;

  /** Never throws: where none of them knows, the connection itself tells why. */
  function find(): Promise<ClusterNode> {
    finding ??= search().finally(() => {
      finding = undefined;
    });
    return finding;
  }

  async function search(): Promise<ClusterNode> {
    let sentTo: ClusterNode | undefined;
    for (const node of [...(known === undefined ? [] : [known]), ...nodes]) {
      let asked = node;
      for (let hops = 0; hops < mostHops; hops += 1) {
        const answer = await whoHolds(agenda, asked, access);
        if (answer === 'here') {
          known = asked;
          return asked;
        }
        if (answer === 'silent') break;
        asked = answer;
        sentTo = answer;
      }
    }
    return sentTo ?? known ?? (nodes[0] as ClusterNode);
  }

  class CellConnector extends AbstractConnector {
    readonly #tls: RedisOptions['tls'];

    constructor(options: unknown) {
      const { disconnectTimeout, tls } = options as { disconnectTimeout: number } & RedisOptions;
      super(disconnectTimeout);
      this.#tls = tls;
    }

    async connect() {
      this.connecting = true;
      const node = await find();
      // as ioredis says it, so that it counts as a lost connection
      if (!this.connecting) throw new Error('Connection is closed.');
      this.stream = this.#tls ? connectTls({ ...node, ...this.#tls }) : connect(node);
      this.stream.once('error', (error) => {
        this.firstError = error;
      });
      return this.stream;
    }
  }

  const resend = 2;
  return {
    ...access,
    Connector: CellConnector,
    reconnectOnError: (error) =>
      movedTo(error, nodes[0] as ClusterNode) === null ? false : resend,
  };
}

/** Asks a node for a key: it has it, names another one, or does not answer. */
async function whoHolds(
  key: string,
  node: ClusterNode,
  access: ClusterAddress['access'],
): Promise<ClusterNode | 'here' | 'silent'> {
  const client = new Redis({
    ...access,
    ...node,
    lazyConnect: true,
    enableReadyCheck: false,
    connectTimeout: askTimeoutMs,
    commandTimeout: askTimeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.exists(key);
    return 'here';
  } catch (error) {
    const answered = error instanceof Error && error.name === 'ReplyError';
    // whatever else it answers (no rights, still loading) the connection is to be told, too
    return movedTo(error, node) ?? (answered ? 'here' : 'silent');
  } finally {
    client.disconnect();
  }
}
