import type { RedisOptions } from 'ioredis';

const defaultPort = 6379;

/** A node of a Redis Cluster. */
export interface ClusterNode {
  readonly host: string;
  readonly port: number;
}

/** A Redis Cluster as REDIS_URL names it. */
export interface ClusterAddress {
  readonly nodes: readonly ClusterNode[];
  /** Anyone who may enter may enter all of its nodes. */
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
    /^(rediss?)\+cluster:\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)\/?$/.exec(url) ?? [];
  if (scheme === undefined) return null;
  const nodes = hosts.split(',').map((host) => host.trim());
  const [username, secret] = [decoded(user), decoded(password)];
  if (username === null || secret === null) return null;
  if (!nodes.every((node) => node !== '' && URL.canParse(`redis://${node}`))) return null;
  return {
    nodes: nodes.map((node) => {
      const { hostname, port } = new URL(`redis://${node}`);
      return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) };
    }),
    access: {
      ...(username && { username }),
      ...(secret && { password: secret }),
      ...(scheme === 'rediss' && { tls: {} }),
    },
  };
}

/** What REDIS_URL may be, for messages. */
const expected =
  'expected redis://host:port, rediss://host:port, redis+cluster://host:port,host:port or the path of a socket';

/** Characters that mean something else in an address, and how they are written in a user or a password. */
const encodings: Readonly<Record<string, string>> = {
  '%': '%25',
  '#': '%23',
  '/': '%2F',
  '?': '%3F',
  '@': '%40',
};

/**
 * Says what is wrong with the address in REDIS_URL, without the user or the password in it.
 *
 * @returns `null` for an address that can be used.
 */
export function redisAddressFault(url: string): string | null {
  if (url.startsWith('/') || readClusterAddress(url) !== null) return null;
  const [, cluster, rest] = /^rediss?(\+cluster)?:\/\/(.*)$/s.exec(url) ?? [];
  if (rest === undefined) return expected;
  const [, login = '', place] =
    /^(?:([^/?#]*)@)?([^@/?#]+(?:\/\d*)?(?:\?[^@#]*)?)$/.exec(rest) ?? [];
  if (cluster === undefined && place !== undefined && decoded(login) !== null) {
    return URL.canParse(`redis://${place}`) ? null : expected;
  }
  // an @ says that a user or a password is meant, up to the last one
  const meant = rest.slice(0, Math.max(0, rest.lastIndexOf('@')));
  const raw = new Set(meant.match(cluster === undefined ? /[#/?]/g : /[#/?@]/g));
  if (decoded(meant) === null) raw.add('%');
  if (raw.size === 0) return expected;
  const advice = [...raw].map((character) => `${character} as ${encodings[character]}`).join(', ');
  return `its user or password has characters that mean something else in an address: percent-encode ${advice}`;
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
