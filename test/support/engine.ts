import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { AuditRecord } from '../../src/ledger/audit.js';
import { json } from '../../src/ledger/codec.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { createManualClock } from '../unit/sim/manual-clock.js';
import { type BenchOptions, createBench } from './bench.js';
import { startRedis } from './parts/redis.js';
import { usePart } from './parts.js';
import { recordedOnly } from './recorded.js';

export { calling, scaleUp, type TestAlert } from './bench.js';

interface Options extends BenchOptions {
  /** Whether it gets a Redis that no other test uses. */
  readonly ownRedis?: boolean;
}

/** A bench on a real Redis: for what only Redis can show. */
export type Bench = Awaited<ReturnType<typeof startBench>>;

export async function startBench({ ownRedis = false, ...options }: Options) {
  const cell = `test-${randomUUID()}`;
  const server = ownRedis ? await startRedis() : undefined;
  const redis = new Redis((server ?? usePart('redis')).url);
  const ledger = recordedOnly(createLedger({ redis, cell }), json);
  const bench = createBench(
    {
      ledger,
      clock: createManualClock(),
      ids: (of) => redis.zrange(ledger.keys[of], '0', '-1'),
      async records() {
        const entries = await redis.xrange(ledger.keys.audit, '-', '+');
        return entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as AuditRecord);
      },
    },
    options,
  );
  return Object.assign(bench, {
    cell,
    redis,

    /** Removes what the test left in Redis. */
    async stop(): Promise<void> {
      const keys = await redis.keys(`{${cell}}:*`);
      if (keys.length > 0) await redis.del(...keys);
      await redis.quit();
      await server?.stop();
    },
  });
}
