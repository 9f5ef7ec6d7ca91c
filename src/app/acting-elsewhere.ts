import { PartMissingError } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import { lastJoinedMs } from '../ledger/schema.js';
import type { ActingHalf } from './acting-half.js';

/** Workers say every few seconds that they are there; who has not for so long is gone. */
const goneAfterMs = 15_000;

/**
 * The workers that other processes are (`JIDOKA_ROLE=worker`, or `all`), as an engine knows them that only
 * receives: by what they leave in Redis.
 */
export function createActingElsewhere(ledger: Ledger): ActingHalf {
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
    async metrics() {
      await check();
      return [];
    },
    // they look by themselves
    async follow() {},
    async explain() {
      throw new PartMissingError(
        'this engine only receives (JIDOKA_ROLE=receiver), and only one that also acts can say what would be done: ask an engine of this cell with JIDOKA_ROLE=all',
      );
    },
    async stop() {},
  };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
