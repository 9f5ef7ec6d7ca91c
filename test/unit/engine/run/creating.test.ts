import { expect, test } from 'vitest';
import { z } from 'zod';
import { advance } from '../../../../src/engine/run/advance.js';
import type { AnyAction, ChangeContext } from '../../../../src/integrations/contract/action.js';
import { absent } from '../../../../src/integrations/contract/change.js';
import { operationKind, operationOf } from '../../../../src/integrations/contract/operation.js';
import { refused } from '../../../../src/integrations/contract/refused.js';
import { sampleRun } from '../../ledger/sample-run.js';
import { createMemoryContext } from '../memory-context.js';

const target = { id: 'test.job/clean', name: 'clean' };
const minute = 60_000;

const runJob = operationKind({
  kind: 'run_job',
  schema: z.strictObject({
    kind: z.literal('run_job'),
    from: z.literal(absent),
    to: z.literal('ran'),
  }),
  describe: (_op, name) => `run ${name}`,
  risk: () => undefined,
});

/** A job that does not exist before it is started; what was started is found by the key of its change. */
function createJobs() {
  const started = new Map<string, unknown>();
  const asked: ChangeContext[] = [];
  const action: AnyAction = {
    name: 'test.job',
    summary: 'Runs a job.',
    params: z.strictObject({
      time_limit: z.int(),
      with: z.record(z.string(), z.array(z.string())),
    }),
    operations: [runJob],
    convergeWithinMs: (_change, { params }) => params.time_limit * minute,
    observe: async () => ({ target, size: absent, unit: 'job', version: null, state: null }),
    plan: () => ({
      kind: 'change',
      target,
      op: { kind: 'run_job', from: absent, to: 'ran' },
      version: null,
    }),
    planTo: () => refused('a job cannot be taken back'),
    async apply(change, { key, params }) {
      operationOf([runJob], change);
      started.set(key, params.with);
    },
    async verify(_change, context) {
      asked.push(context);
      return started.has(context.key)
        ? { kind: 'converging', detail: 'it runs' }
        : { kind: 'differs', observed: absent, detail: 'there is no such job' };
    },
  };
  return { action, started, asked };
}

test('a target that does not exist yet is created, found by the key of its change, and given the time that its step names', async () => {
  const { action, started, asked } = createJobs();
  const { context, ledger, clock, save } = createMemoryContext({
    actions: new Map([[action.name, action]]),
  });
  const params = { time_limit: 3, with: { nodes: ['one', 'two'] } };
  const step = { action: action.name, params, target, settleMs: 0, repeat: 1, undo: false };
  const nowMs = clock.now();
  const run = sampleRun({ steps: [step], nowMs });
  await save([ledger.saveRun(null, run)], ledger.joinCase(run.caseId, 'alert'));
  const stored = async () => (await ledger.run(run.id))?.value;

  await advance(context, run.id);
  expect(await stored()).toMatchObject({ state: 'converging', deadlineMs: nowMs + 3 * minute });
  expect([...started]).toEqual([[`${run.id}-1`, params.with]]);
  expect(asked).toEqual([{ key: `${run.id}-1`, params }]);

  clock.advance(3 * minute);
  await advance(context, run.id);
  expect(await stored()).toMatchObject({ state: 'ended', outcome: { reason: 'not_converged' } });
  expect(new Set(asked.map(({ key }) => key))).toEqual(new Set([`${run.id}-1`]));
});
