import type { Ledger } from '../ledger/ledger.js';
import { lastJoinedMs } from '../ledger/schema.js';
import { PartMissingError } from '../lib/errors.js';
import type { WorkerHandle } from './worker-handle.js';

/** Workers say every few seconds that they are there; who has not for so long is gone. */
const goneAfterMs = 15_000;

/**
 * The workers that other processes are (`JIDOKA_ROLE=worker`, or `all`), as an engine knows them that only
 * receives: by what they leave in Redis.
 */
export function createRemoteWorker(ledger: Ledger): WorkerHandle {
  async function check(): Promise<string> {
    const agoMs = await lastJoinedMs(ledger);
    const seen = agoMs === null ? 'none has been seen' : `the last was seen ${seconds(agoMs)} ago`;
    if (agoMs === null || agoMs > goneAfterMs) {
      throw new PartMissingError(
        `no worker is on this Redis (${seen}): notifications wait until one with the same REDIS_URL and JIDOKA_CELL is started (JIDOKA_ROLE=worker or all)`,
      );
    }
    return `elsewhere; ${seen}`;
  }

  return {
    check,
    async connections() {
      const name = 'Workers';
      return [
        await check().then(
          (detail) => ({ name, state: 'connected', detail }) as const,
          (error: Error) => ({ name, state: 'failed', detail: error.message }) as const,
        ),
      ];
    },
    // they tell of it themselves
    targets: async () => ({}),
    async metrics() {
      await check();
      return [];
    },
    async targetFit() {
      return { fits: null, nearest: null, detail: 'workers in other processes read the targets' };
    },
    // they look by themselves
    async follow() {},
    async explain() {
      throw new PartMissingError(
        'this engine is a receiver (JIDOKA_ROLE=receiver) and cannot simulate alerts: ask an engine of this cell with JIDOKA_ROLE=all',
      );
    },
    async stop() {},
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
