import type { Clock } from '../lib/clock.js';
import { InputError } from '../lib/errors.js';
import type { Ledger } from './ledger.js';
import { conflict, retryOnConflict } from './retry-on-conflict.js';
import type { Check } from './transaction.js';

/**
 * The version of the ledger's form that this engine writes. It reads that one and the one before. It
 * is raised when an older engine would misread what a newer one writes; see docs/decisions/0014.
 */
const schemaVersion = 1;

/** How often a worker says that it is there. */
export const joinEveryMs = 5_000;
/** How long after that its version counts as still at work. */
const presentMs = 30_000;

/**
 * Joins a worker to the workers of its cell, and raises the ledger to its version once no worker of
 * the one before is left. To be called at the start and every `joinEveryMs` after it.
 *
 * @throws InputError when the ledger is not for this version: the worker must end; and what Redis throws.
 */
export async function joinLedger({
  ledger,
  clock,
  version = schemaVersion,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly version?: number;
}): Promise<void> {
  const { redis, keys } = ledger;
  const present = (which: number) => keys.presentVersion(which);
  const here = ['SET', present(version), 'present', 'PX', presentMs] as const;

  await retryOnConflict('the version of the ledger', async () => {
    const text = await redis.get(keys.schema);
    const stored = text === null ? null : Number(text);
    if (stored !== null) refuseOthers(stored, version);
    const nowMs = clock.now();
    const key = keys.schema;
    const unchanged: Check =
      text === null ? { kind: 'absent', key } : { kind: 'string', key, value: text };
    if (stored !== version) {
      const alone: Check = { kind: 'absent', key: present(version - 1) };
      const detail = `${version} instead of ${stored ?? 'none'}`;
      const raised = await ledger.commit({
        checks: [unchanged, ...(stored === null ? [] : [alone])],
        writes: [
          ['SET', key, version],
          here,
          ledger.audit({ atMs: nowMs, subject: 'cell', id: 'schema', event: 'raised', detail }),
        ],
        nowMs,
      });
      if (raised.kind === 'committed') return undefined;
    }
    const joined = await ledger.commit({ checks: [unchanged], writes: [here], nowMs });
    return joined.kind === 'committed' ? undefined : conflict;
  });
}

/**
 * For whom joins no one and reads and writes all the same.
 *
 * @throws InputError when the ledger is not for this version: the engine must end; and what Redis throws.
 */
export async function checkLedger({ redis, keys }: Ledger): Promise<void> {
  const stored = await redis.get(keys.schema);
  if (stored !== null) refuseOthers(Number(stored), schemaVersion);
}

/** How long ago a worker of the cell last said that it is there; `null`: none did for long. @throws what Redis throws. */
export async function lastJoinedMs({ redis, keys }: Ledger): Promise<number | null> {
  const stored = Number((await redis.get(keys.schema)) ?? schemaVersion);
  // those that raised the ledger, those of the version before, and newer ones that wait to raise it
  const left = await Promise.all(
    [stored - 1, stored, stored + 1].map((version) => redis.pttl(keys.presentVersion(version))),
  );
  const longest = Math.max(...left);
  return longest < 0 ? null : presentMs - longest;
}

function refuseOthers(stored: number, version: number): void {
  if (stored > version) {
    throw new InputError(
      `the ledger in Redis has version ${stored}, and this engine knows ${version} at most: start the newer engine again, or restore a backup from before the upgrade`,
      'REDIS_URL',
    );
  }
  if (!(stored >= version - 1)) {
    throw new InputError(
      `the ledger in Redis has version ${stored}, and this engine reads ${version - 1} and ${version}: first upgrade to the release in between, and let it start`,
      'REDIS_URL',
    );
  }
}
