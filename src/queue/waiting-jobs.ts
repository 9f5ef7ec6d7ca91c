import type { Redis } from 'ioredis';
import { isConnectionLost } from '../ledger/redis-fault.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { isPacked, jobOf, sizeOf, type Text } from './intake-job.js';

/** How many notifications and bytes of small jobs are put together. */
const enough = { notifications: 64, bytes: 128 * 1024 };
/** How far from the newest job of the queue they are looked for; other receivers write there too. */
const reach = 1_000;

/*
 * KEYS: the list of waiting jobs, whose newest stand first, then the jobs, oldest first.
 * ARGV: name and data of the one that takes their place, then their ids.
 * A worker that takes a job takes it off the list, so that it has either all of them or none.
 * It makes room, so that it is done without memory too.
 */
const script = `#!lua flags=allow-oom
for i = 2, #KEYS do
  if not redis.call('LPOS', KEYS[1], ARGV[i + 1], 'MAXLEN', ${reach}) then return 0 end
end
redis.call('HSET', KEYS[2], 'name', ARGV[1], 'data', ARGV[2])
for i = 3, #KEYS do
  redis.call('LREM', KEYS[1], 1, ARGV[i + 1])
  redis.call('DEL', KEYS[i])
end
return 1
`;

type WithPack = Redis & {
  jidokaPackBacklog(keys: number, ...rest: (string | Buffer)[]): Promise<number>;
};

interface Job {
  readonly id: string;
  readonly entries: readonly Text[];
}

/**
 * Packs small jobs together that no one has taken: a job costs Redis more than the alert in it. What
 * comes in while workers keep up is never touched.
 *
 * @param options.keyOf BullMQ's key of something of the queue: of the list `wait`, or of a job by its id
 */
export function createWaitingJobs({
  redis,
  keyOf,
  log,
}: {
  readonly redis: Redis;
  readonly keyOf: (name: string) => string;
  readonly log: Logger;
}) {
  let jobs: Job[] = [];
  let notifications = 0;
  let bytes = 0;

  /** Notes a job that this process has put into the queue, and packs those of late when there are enough. */
  function note(id: string, entries: readonly Text[]): void {
    const size = entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    if (isPacked(size)) return;
    jobs.push({ id, entries });
    notifications += entries.length;
    bytes += size;
    if (notifications < enough.notifications && bytes < enough.bytes) return;
    const [oldest] = jobs;
    if (oldest !== undefined) void pack(oldest, jobs);
    jobs = [];
    notifications = 0;
    bytes = 0;
  }

  /** Never throws: they are in the queue either way. */
  async function pack(oldest: Job, all: readonly Job[]): Promise<void> {
    try {
      const list = keyOf('wait');
      // workers take the oldest first
      if ((await redis.lpos(list, oldest.id, 'MAXLEN', reach)) === null) return;
      const { name, data } = jobOf(all.flatMap(({ entries }) => entries));
      const client = redis as WithPack;
      if (client.jidokaPackBacklog === undefined) {
        redis.defineCommand('jidokaPackBacklog', { lua: script });
      }
      const ids = all.map(({ id }) => id);
      await client.jidokaPackBacklog(ids.length + 1, list, ...ids.map(keyOf), name, data, ...ids);
    } catch (error) {
      if (!isConnectionLost(error))
        log.warn({ fault: messageOf(error) }, 'waiting jobs not combined');
    }
  }

  return { note };
}
