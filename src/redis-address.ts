import type { RedisOptions } from 'ioredis';

const usualPort = 6379;

/** A node of a Redis Cluster. */
export interface ClusterNode {
  readonly host: string;
  readonly port: number;
}

/** A Redis Cluster as REDIS_URL names it. */
export interface ClusterAddress {
  readonly nodes: readonly ClusterNode[];
  /** Whoever may enter may enter all of its nodes. */
  readonly access: Pick<RedisOptions, 'username' | 'password' | 'tls'>;
}

/**
 * Reads `redis+cluster://user:password@host:port,host:port` (`rediss+cluster://` with TLS). One node is
 * enough to find the others, several so that one of them may be away.
 *
 * @returns `null` for the address of anything else.
 */
export function readClusterAddress(url: string): ClusterAddress | null {
  const [, scheme, user = '', password = '', hosts = ''] =
    /^(rediss?)\+cluster:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]+)\/?$/.exec(url) ?? [];
  if (scheme === undefined) return null;
  const nodes = hosts.split(',').map((host) => host.trim());
  const [username, secret] = [decoded(user), decoded(password)];
  if (username === null || secret === null) return null;
  if (!nodes.every((node) => node !== '' && URL.canParse(`redis://${node}`))) return null;
  return {
    nodes: nodes.map((node) => {
      const { hostname, port } = new URL(`redis://${node}`);
      return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || usualPort) };
    }),
    access: {
      ...(username && { username }),
      ...(secret && { password: secret }),
      ...(scheme === 'rediss' && { tls: {} }),
    },
  };
}

/** `null`: a percent sign in it begins nothing. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** What to do about the address of a single node. */
export const clusterAdvice =
  'set REDIS_URL to redis+cluster://HOST:PORT,HOST:PORT with some of its nodes, so that the cell is found wherever its slot is';
