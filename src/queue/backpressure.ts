import type { Redis } from 'ioredis';

/** How often it is looked how much waits, at most. */
const lookEveryMs = 1_000;
/** It is looked after so much of the bound was put there; what a few alerts take is never looked for. */
const shareBetweenLooks = 1 / 16;
/** What a job takes besides its data, about. */
const jobBytes = 1_000;
const samples = 9;

/*
 * KEYS: the list of waiting jobs, and the set of those that wait to be tried again.
 * ARGV: what the key of a job begins with.
 * How many bytes wait there, about: as many jobs as there are, each as large as some of them are, from one
 * end to the other.
 */
const script = `#!lua flags=no-writes
local function bytesOf(count, range, key)
  if count == 0 then return 0 end
  local bytes = 0
  for i = 0, ${samples - 1} do
    local at = math.floor(i * (count - 1) / ${samples - 1})
    local id = redis.call(range, key, at, at)[1]
    bytes = bytes + redis.call('HSTRLEN', ARGV[1] .. id, 'data')
  end
  return math.ceil(count * (bytes / ${samples} + ${jobBytes}))
end
return bytesOf(redis.call('LLEN', KEYS[1]), 'LRANGE', KEYS[1])
  + bytesOf(redis.call('ZCARD', KEYS[2]), 'ZRANGE', KEYS[2])
`;

type WithLook = Redis & {
  jidokaLookAtQueue(keys: 2, waiting: string, delayed: string, prefix: string): Promise<number>;
};

/**
 * Knows about how much of a queue waits in Redis. In a storm it is looked once a second: what this process
 * has put there since is added, and where Redis does not answer, what was seen last counts.
 *
 * @param options.keyOf BullMQ's key of something of the queue: of `wait`, `delayed`, or of a job by its id
 */
export function createBackpressure({
  redis,
  keyOf,
  maxBytes,
}: {
  readonly redis: Redis;
  readonly keyOf: (name: string) => string;
  readonly maxBytes: number;
}) {
  const client = redis as WithLook;
  let seenBytes = 0;
  let putBytes = 0;
  // not by the time of day: a clock that is set back would leave a bound in place that holds no more
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  /** Notes that so many bytes were put there. */
  function note(bytes: number): void {
    putBytes += bytes + jobBytes;
  }

  /** Whether more may be put there. Where there was no room, it is looked again first. Never throws. */
  async function hasRoom(): Promise<boolean> {
    const isWorthALook = isFull() || putBytes >= maxBytes * shareBetweenLooks;
    if (isWorthALook && looking === undefined && lookedAtMs + lookEveryMs <= performance.now()) {
      looking = look().finally(() => {
        looking = undefined;
      });
    }
    if (isFull()) await looking;
    return !isFull();
  }

  function isFull(): boolean {
    return seenBytes + putBytes >= maxBytes;
  }

  async function look(): Promise<void> {
    lookedAtMs = performance.now();
    const putBefore = putBytes;
    try {
      if (client.jidokaLookAtQueue === undefined) {
        redis.defineCommand('jidokaLookAtQueue', { lua: script });
      }
      seenBytes = await client.jidokaLookAtQueue(2, keyOf('wait'), keyOf('delayed'), keyOf(''));
      putBytes -= putBefore;
    } catch {
      // who writes there is told
    }
  }

  return { note, hasRoom };
}
