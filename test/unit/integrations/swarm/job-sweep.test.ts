import { expect, test } from 'vitest';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';
import { createJobSweep } from '../../../../src/integrations/swarm/job-sweep.js';
import { createLogger } from '../../../../src/lib/logger.js';

const day = 24 * 3_600_000;

function start(runs: Record<string, boolean | undefined>, ages: Record<string, number> = {}) {
  const removed: string[] = [];
  const sweep = createJobSweep({
    jobs: {
      leftovers: async () =>
        Object.keys(runs).map((run) => ({
          ...{ kind: 'service' as const, id: run, name: run, run },
          createdAtMs: 10 * day - (ages[run] ?? 0),
        })),
      async removeLeftover({ name }) {
        if (name === 'stuck') throw new TargetError('busy', 'in use');
        removed.push(name);
      },
    },
    isOver: async (run) => runs[run],
    clock: { now: () => 10 * day },
    log: createLogger('silent'),
  });
  return { sweep, removed };
}

test('what a run that is over left behind is removed, and nothing of one that is not', async () => {
  const { sweep, removed } = start({ over: true, open: false, stuck: true, other: true });
  await sweep();
  expect(removed).toEqual(['over', 'other']);
});

test('what no ledger knows may belong to another engine, and goes after a day', async () => {
  const { sweep, removed } = start({ new: undefined, old: undefined }, { old: day + 1 });
  await sweep();
  expect(removed).toEqual(['old']);
});
