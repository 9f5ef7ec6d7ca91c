import type { Redis } from 'ioredis';
import { createKeys } from '../../ledger/keys.js';
import { readConfigured } from '../../ledger/redis-settings.js';
import { type Finding, ok, warning, wrong } from '../../lib/finding.js';
import { clusterAdvice, readClusterAddress } from '../../lib/redis-address.js';

/** What is wrong with an address that names a single node of a Redis Cluster; `null`: it names the cluster. */
export function examineClusterAddress(redisUrl: string): Finding | null {
  if (readClusterAddress(redisUrl) !== null) return null;
  return wrong(
    'it is a node of a Redis Cluster',
    'the keys of the cell lie on one node, which need not be this one, nor stay where they are',
    clusterAdvice,
  );
}

/**
 * What of a Redis Cluster can stop a cell.
 *
 * @param redis is connected to the node that holds the cell
 * @throws what ioredis throws when it does not answer.
 */
export async function examineCluster(redis: Redis, cell: string): Promise<readonly Finding[]> {
  const slot = Number(await redis.call('CLUSTER', 'KEYSLOT', createKeys(cell).schedule));
  const nodes = String(await redis.call('CLUSTER', 'NODES'));
  const findings: Finding[] = [];
  if (nodes.includes(`[${slot}->-`)) {
    findings.push(
      warning(
        `slot ${slot}, which holds the cell, is being moved to another node`,
        'until it is there the ledger refuses what spans several keys, and jobs of the queue may be lost on the way',
        'stop the engines of the cell, finish the move, and start them again',
      ),
    );
  } else {
    const [, address] = /^\S+ ([^@, ]+)\S* \S*myself/m.exec(nodes) ?? [];
    findings.push(ok(`slot ${slot}, which holds the cell, is on ${address ?? 'this node'}`));
  }
  if ((await readConfigured(redis, 'cluster-require-full-coverage')) === 'yes') {
    findings.push(
      warning(
        'cluster-require-full-coverage is yes',
        'when any node of the cluster is lost with its slots, this cell stops with it',
        'CONFIG SET cluster-require-full-coverage no on every node, and the same in redis.conf',
      ),
    );
  }
  return findings;
}
