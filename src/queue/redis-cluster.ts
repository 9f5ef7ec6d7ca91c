import { connect, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import { createKeys } from '../ledger/keys.js';
import { messageOf } from '../lib/errors.js';
import type { ClusterAddress, ClusterNode } from '../lib/redis-address.js';

/** How long a node may take to say where the keys of a cell are. */
const askTimeoutMs = 2_000;
/** A cluster that knows its own mind sends no one on more than once. */
const maxHops = 4;
/** What a client of ioredis is made with. */
export type ConnectionOptions = Omit<RedisOptions, 'replyMapping'>;

/** Where another node sends anyone who asked for a key; `null`: the error is about something else. */
export function movedTo(error: unknown, asked: ClusterNode): ClusterNode | null {
  const text = error instanceof Error ? error.message : '';
  const [, host = '', port] = /^MOVED \d+ (.*):(\d+)$/.exec(text) ?? [];
  // a cluster that does not know its own addresses leaves the host out, one that lacks its name writes "?"
  const isNamed = host !== '' && host !== '?';
  return port === undefined ? null : { host: isNamed ? host : asked.host, port: Number(port) };
}

/**
 * What makes a client of ioredis a connection to the one node of a Redis Cluster that holds a cell: all
 * keys of a cell share a slot. Each time it connects it asks the nodes that it knows where that is, and
 * it does so again when a node answers that the cell has moved; what was asked then is asked again there.
 */
export function inCluster({ nodes, access }: ClusterAddress, cell: string): ConnectionOptions {
  const { schedule } = createKeys(cell);
  let known: ClusterNode | undefined;
  let finding: Promise<ClusterNode> | undefined;

  function find(): Promise<ClusterNode> {
    finding ??= search().finally(() => {
      finding = undefined;
    });
    return finding;
  }

  /** Throws what the last that was asked said, when none of them knows. */
  async function search(): Promise<ClusterNode> {
    let fault: unknown;
    for (const node of [...(known === undefined ? [] : [known]), ...nodes]) {
      try {
        known = await follow(node);
        return known;
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  async function follow(first: ClusterNode): Promise<ClusterNode> {
    let asked = first;
    for (let hops = 0; hops < maxHops; hops += 1) {
      const sentTo = await ask(schedule, asked, access);
      if (sentTo === null) return asked;
      asked = sentTo;
    }
    throw new Error('the nodes of the Redis Cluster redirect in a circle');
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
      this.stream = await this.#open();
      // as ioredis says it, so that it counts as a lost connection
      if (!this.connecting) throw new Error('Connection is closed.');
      this.stream.once('error', (error) => {
        this.firstError = error;
      });
      return this.stream;
    }

    /** A connection that has ended has ioredis try again, as after any other that failed. */
    async #open(): Promise<Socket> {
      try {
        const node = await find();
        if (!this.connecting) return new Socket().destroy();
        return this.#tls ? connectTls({ ...node, ...this.#tls }) : connect(node);
      } catch (error) {
        this.firstError = Object.assign(new Error(messageOf(error)), { syscall: 'connect' });
        return new Socket().destroy();
      }
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

/** Asks a node for a key: `null`: it has it; else whom it names. Throws when it does not know or answer. */
async function ask(
  key: string,
  node: ClusterNode,
  access: ClusterAddress['access'],
): Promise<ClusterNode | null> {
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
  let fault: Error | undefined;
  client.on('error', (error) => {
    fault = error;
  });
  try {
    await client.connect();
    await client.exists(key);
    return null;
  } catch (error) {
    const sentTo = movedTo(error, node);
    if (sentTo !== null) return sentTo;
    const isAnswer = error instanceof Error && error.name === 'ReplyError';
    // whatever else it answers (no rights, still loading) the connection is to be told, too
    if (isAnswer && !messageOf(error).startsWith('CLUSTERDOWN')) return null;
    throw isAnswer ? error : (fault ?? error);
  } finally {
    client.disconnect();
  }
}
