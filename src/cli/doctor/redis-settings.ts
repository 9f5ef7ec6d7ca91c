import type { Redis } from 'ioredis';
import { readRedisSettings } from '../../ledger/redis-settings.js';
import { type Finding, note, ok, warning, wrong } from '../../lib/finding.js';

/**
 * Whether Redis keeps what it was given: when its memory is full, when it restarts and when its
 * machine dies. What a managed Redis does not let be seen is said to be unseen.
 *
 * @throws what ioredis throws when Redis does not answer.
 */
export async function examineRedisSettings(redis: Redis): Promise<readonly Finding[]> {
  const { eviction, lastWrite, appendonly, appendfsync, replicas } = await readRedisSettings(redis);
  return [
    examineEviction(eviction),
    ...examineLog(lastWrite),
    examineDurability(appendonly, appendfsync),
    ...examineReplicas(replicas),
  ];
}

function examineEviction(policy: string | undefined): Finding {
  if (policy === undefined) return unseen('maxmemory-policy', 'noeviction');
  if (policy === 'noeviction') return ok('maxmemory-policy noeviction');
  return wrong(
    `maxmemory-policy is ${policy}`,
    'when its memory is full, Redis throws away alerts, runs and locks without a word',
    'CONFIG SET maxmemory-policy noeviction, and the same in redis.conf',
  );
}

function examineLog(lastWrite: string | undefined): Finding[] {
  if (lastWrite === undefined || lastWrite === 'ok') return [];
  return [
    wrong(
      `its last write to the append-only file failed (aof_last_write_status ${lastWrite})`,
      'Redis refuses writes until it can write again, so that no alert can be taken in',
      "look at the space on its disk and at Redis' own log",
    ),
  ];
}

function examineDurability(enabled: boolean | undefined, fsync: string | undefined): Finding {
  if (enabled === undefined) return unseen('appendonly', 'yes');
  if (!enabled) {
    return wrong(
      'appendonly is no',
      'a restart of Redis loses alerts that were answered, and runs in the middle of their work',
      'CONFIG SET appendonly yes, and the same in redis.conf',
    );
  }
  switch (fsync) {
    case 'always':
      return ok('appendonly yes, appendfsync always: what is answered survives a dying machine');
    case 'everysec':
      return note(
        'appendonly yes, appendfsync everysec: a dying machine may lose the last second, a Redis that is killed on a busy disk two (appendfsync always loses nothing)',
      );
    case 'no':
      return warning(
        'appendonly yes, appendfsync no',
        'a dying machine may lose the last half minute of alerts that were answered',
        'CONFIG SET appendfsync always (or everysec), and the same in redis.conf',
      );
    default:
      return unseen('appendfsync', 'always');
  }
}

function examineReplicas(count: number): Finding[] {
  if (count === 0) return [];
  const name = count === 1 ? 'a replica follows' : `${count} replicas follow`;
  return [
    note(
      `${name} it: when one takes over (Sentinel, Redis Cluster), what it had not received yet is lost, the latest of what was answered`,
    ),
  ];
}

function unseen(setting: string, wanted: string): Finding {
  return note(`${setting} could not be seen (this Redis does not show it); it should be ${wanted}`);
}
