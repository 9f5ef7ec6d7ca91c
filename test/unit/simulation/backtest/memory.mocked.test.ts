import { expect, test, vi } from 'vitest';
import { readHistoryLine } from '../../../../src/engine/reports/history-line.js';
import { createOfflineRegistry } from '../../../../src/integrations/offline-registry.js';
import type { Keyspace } from '../../../../src/ledger/memory/keyspace.js';
import { createLibrary } from '../../../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../../../src/playbook/load.js';
import { makeHistory, makePlaybooks } from '../../../../src/sim/history.js';
import { createBacktest } from '../../../../src/simulation/backtest/backtest.js';

const spaces: Keyspace[] = [];
vi.mock('../../../../src/ledger/memory/keyspace.js', async (original) => {
  const real = await original<typeof import('../../../../src/ledger/memory/keyspace.js')>();
  return {
    createKeyspace(...options: Parameters<typeof real.createKeyspace>) {
      const space = real.createKeyspace(...options);
      spaces.push(space);
      return space;
    },
  };
});

test('what a back-test keeps grows with what goes on, not with the length of the record', async () => {
  const files = [...makePlaybooks()].map(([file, text]) => ({ file, text }));
  const policy = files.pop() ?? { file: '', text: '' };
  const loaded = parsePlaybookTexts({ files, policy }, createOfflineRegistry());
  const { playbooks, hash } = loaded;
  let backtest: ReturnType<typeof createBacktest> | undefined;
  const seen: { keys: number; goingOn: number }[] = [];
  let alerts = 0;
  for (const line of makeHistory({ alerts: 6_000, identities: 200, seed: 7 })) {
    const received = readHistoryLine(line);
    backtest ??= createBacktest({
      active: { library: createLibrary(playbooks), policy: loaded.policy, hash },
      workerAsg: '',
      assumptions: { size: 3, bounds: { min: 1, max: 10 }, convergeMs: 0 },
      approve: false,
      startMs: received.receivedAtMs,
    });
    await backtest.take(received);
    const before = Math.floor(alerts / 600);
    alerts += received.notification.alerts.length;
    if (Math.floor(alerts / 600) > before) {
      seen.push({ keys: spaces[0]?.keys().length ?? 0, goingOn: backtest.size });
    }
  }
  expect(seen).toHaveLength(10);
  const [first] = seen;
  for (const { keys, goingOn } of seen) {
    expect(keys).toBeLessThan(1.5 * (first?.keys ?? 0));
    expect(goingOn).toBeLessThan(200);
  }
}, 180_000);
