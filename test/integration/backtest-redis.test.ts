import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readHistoryLine } from '../../src/engine/reports/history-line.js';
import { createOfflineRegistry } from '../../src/integrations/offline-registry.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import type { createMemoryLedger } from '../../src/ledger/memory/memory-ledger.js';
import type { Transaction, Write } from '../../src/ledger/transaction.js';
import { createLibrary } from '../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../src/playbook/load.js';
import { makeHistory, makePlaybooks } from '../../src/sim/history.js';
import { createBacktest } from '../../src/simulation/backtest/backtest.js';
import { usePart } from '../support/parts.js';

/* A back-test in memory tells what the engine does on a real Redis: the same record gives the same. */

type Options = Parameters<typeof createMemoryLedger>[0];

const place = vi.hoisted(() => ({
  onRedis: undefined as ((options: Options) => unknown) | undefined,
}));
vi.mock('../../src/ledger/memory/memory-ledger.js', async (original) => {
  const real = await original<{ createMemoryLedger: typeof createMemoryLedger }>();
  return {
    createMemoryLedger: (options: Options) =>
      place.onRedis?.(options) ?? real.createMemoryLedger(options),
  };
});

const cell = `test-${randomUUID()}`;
let redis: Redis;
beforeEach(() => {
  redis = new Redis(usePart('redis').url);
});
afterEach(async () => {
  place.onRedis = undefined;
  const keys = await redis.keys(`{${cell}}:*`);
  if (keys.length > 0) await redis.del(...keys);
  await redis.quit();
});

/** The ledger in Redis, which hands out its audit records as the one in memory does. */
function ledgerOnRedis({ onRecord }: Options): Ledger {
  const ledger = createLedger({ redis, cell });
  let lastId = 0;
  const tell = (writes: readonly Write[]) => {
    for (const [command, key, ...rest] of writes) {
      if (command !== 'XADD' || key !== ledger.keys.audit) continue;
      onRecord(JSON.parse(String(rest.at(-1))) as AuditRecord);
    }
  };
  return {
    ...ledger,
    // what is due at the same time is done in the order of the ids
    newId: () => `id-${++lastId}`,
    async commit(transaction: Transaction) {
      const before = await redis.get(ledger.keys.tripped);
      const result = await ledger.commit(transaction);
      if (result.kind === 'committed') tell(transaction.writes);
      if (result.kind === 'refused' && (await redis.get(ledger.keys.tripped)) !== before) {
        for (const { claim } of result.refusals) {
          const refused = transaction.claims?.[claim];
          if (refused?.kind === 'radius') tell(refused.trips);
        }
      }
      return result;
    },
  };
}

async function replay(alerts: number) {
  const files = [...makePlaybooks()].map(([file, text]) => ({ file, text }));
  const policy = files.pop() ?? { file: '', text: '' };
  const loaded = parsePlaybookTexts({ files, policy }, createOfflineRegistry());
  expect(loaded.problems).toEqual([]);
  let backtest: ReturnType<typeof createBacktest> | undefined;
  for (const line of makeHistory({ alerts, identities: 400, seed: 3 })) {
    const received = readHistoryLine(line);
    backtest ??= createBacktest({
      active: {
        library: createLibrary(loaded.playbooks),
        policy: loaded.policy,
        hash: loaded.hash,
      },
      workerAsg: '',
      assumptions: { size: 3, bounds: { min: 1, max: 10 }, convergeMs: 0 },
      approve: true,
      startMs: received.receivedAtMs,
    });
    await backtest.take(received);
  }
  return backtest?.end();
}

test('a back-test in memory and the engine on a real Redis come to the same', async () => {
  const inMemory = await replay(2_500);
  place.onRedis = ledgerOnRedis;
  const onRedis = await replay(2_500);
  expect(await redis.keys(`{${cell}}:ledger:run:*`)).not.toHaveLength(0);
  expect(inMemory?.alerts).toBeGreaterThan(200);
  expect(inMemory?.changes).toBeGreaterThan(50);
  expect(onRedis).toEqual(inMemory);
}, 300_000);
