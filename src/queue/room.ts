import type { Redis } from 'ioredis';

/** How often it is looked how much waits, at most. */
const lookEveryMs = 1_000;
/** It is looked after so much of the bound was put there; what a few alerts take is never looked for. */
const shareBetweenLooks = 1 / 16;
/** What a job takes besides its data, about. */
const jobBytes = 1_000;
const samples = 9;

/*
 * KEYS: the list of waiting jobs. ARGV: what the key of a job begins with.
 * How many jobs wait, and how large the data of one is, by some from one end of the list to the other.
 */
const script = `#!lua flags=no-writes
local count = redis.call('LLEN', KEYS[1])
if count == 0 then return {0, 0} end
local bytes = 0
for i = 0, ${samples - 1} do
  local id = redis.call('LINDEX', KEYS[1], math.floor(i * (count - 1) / ${samples - 1}))
  bytes = bytes + redis.call('HSTRLEN', ARGV[1] .. id, 'data')
end
return {count, math.ceil(bytes / ${samples})}
`;

type WithLook = Redis & {
  jidokaLookAtQueue(keys: 1, list: string, prefix: string): Promise<[number, number]>;
};

/**
 * Knows about how much of a queue waits in Redis. In a storm it is looked once a second: what this process
 * has put there since is added, and where Redis does not answer, what was seen last counts.
 *
 * @param options.keyOf BullMQ's key of something of the queue: of the list `wait`, or of a job by its id
 */
export function createRoom({
  redis,
  keyOf,
  mostBytes,
}: {
  readonly redis: Redis;
  readonly keyOf: (name: string) => string;
  readonly mostBytes: number;
}) {
  const client = redis as WithLook;
  let seenBytes = 0;
  let putBytes = 0;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  /** Notes that so many bytes were put there. */
  function note(bytes: number): void {
    putBytes += bytes + jobBytes;
  }

  /** Whether more may be put there. Where there was no room, it is looked anew first. Never throws. */
  async function hasRoom(): Promise<boolean> {
    const isWorthALook = isFull() || putBytes >= mostBytes * shareBetweenLooks;
    if (isWorthALook && looking === undefined && lookedAtMs + lookEveryMs <= Date.now()) {
      looking = look().finally(() => {
        looking = undefined;
      });
    }
    if (isFull()) await looking;
    return !isFull();
  }

  function isFull(): boolean {
    return seenBytes + putBytes >= mostBytes;
  }

  async function look(): Promise<void> {
    lookedAtMs = Date.now();
    const putBefore = putBytes;
    try {
      if (client.jidokaLookAtQueue === undefined) {
        redis.defineCommand('jidokaLookAtQueue', { lua: script });
      }
      const [count, bytes] = await client.jidokaLookAtQueue(1, keyOf('wait'), keyOf(''));
      seenBytes = count * (bytes + jobBytes);
      putBytes -= putBefore;
    } catch {
      // who writes there is told
    }
  }

  return { note, hasRoom };
}
