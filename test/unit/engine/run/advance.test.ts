import { describe, expect, test } from 'vitest';
import { advance } from '../../../../src/engine/run/advance.js';
import { applyChange, lookAfterChange } from '../../../../src/engine/run/applying.js';
import { endRun } from '../../../../src/engine/run/end-run.js';
import { intend } from '../../../../src/engine/run/transitions.js';
import type { AnyAction } from '../../../../src/integrations/contract/action.js';
import type { StoredRun } from '../../../../src/ledger/record-reads.js';
import type { NewRun, Run } from '../../../../src/ledger/run.js';
import { createLibrary } from '../../../../src/playbook/library.js';
import { defaultPolicy } from '../../../../src/playbook/policy.js';
import { sampleChange, sampleRun } from '../../ledger/sample-run.js';
import { testPlaybook } from '../../playbook/test-playbook.js';
import { createMemoryContext } from '../memory-context.js';

const leaseMs = 45_000;

/** A run in the ledger whose alert fires, and what its action was asked to do. */
async function start(fields: Partial<NewRun>, change: (run: Run, nowMs: number) => Run) {
  const calls: string[] = [];
  const action = {
    name: 'test.scale',
    convergeWithinMs: 60_000,
    apply: async () => void calls.push('apply'),
    verify: async () => {
      calls.push('verify');
      return { kind: 'converged', detail: '' };
    },
  } as unknown as AnyAction;
  const memory = createMemoryContext({ actions: new Map([[action.name, action]]) });
  const { ledger, clock, save } = memory;
  const nowMs = clock.now();
  const run = change(sampleRun({ ...fields, nowMs }), nowMs);
  await save([ledger.saveRun(null, run)], ledger.joinCase(run.caseId, 'alert'));
  const stored = async () => (await ledger.run(run.id)) as StoredRun;
  return { ...memory, run, calls, stored };
}

const asItIs = (run: Run) => run;
const applying = (run: Run, nowMs: number) =>
  intend(run, sampleChange(2, 3), false, nowMs, leaseMs);

describe('an approved run', () => {
  const approved = (run: Run, nowMs: number) => ({ ...run, answerUntilMs: nowMs + 60_000 });

  test('ends, and a person is told, when its approval is too old', async () => {
    const { context, clock, run, stored } = await start({ state: 'admitting' }, approved);
    clock.advance(60_000);
    await advance(context, run.id);
    expect((await stored()).value).toMatchObject({
      state: 'ended',
      attempts: [],
      outcome: { kind: 'failed', reason: 'expired' },
    });
  });

  test('begins nothing when its playbook has been put in shadow', async () => {
    const { context, run, stored } = await start({ state: 'admitting' }, approved);
    const library = createLibrary([testPlaybook('scale-up', 'alertname=Slow', { mode: 'shadow' })]);
    const active = () => ({ library, policy: defaultPolicy, hash: 'h' });
    await advance({ ...context, active }, run.id);
    expect((await stored()).value).toMatchObject({
      state: 'ended',
      attempts: [],
      outcome: { kind: 'failed', reason: 'shadow' },
    });
  });
});

describe('a change', () => {
  test('is sent while enough of its lease is left', async () => {
    const { context, calls, stored } = await start({}, applying);
    expect((await applyChange(context, await stored()))?.value.state).toBe('converging');
    expect(calls).toEqual(['apply']);
  });

  test('is not sent when its lease may end before the answer comes', async () => {
    const { context, clock, calls, stored } = await start({}, applying);
    clock.advance(leaseMs - 29_999);
    expect(await applyChange(context, await stored())).toBeNull();
    expect(calls).toEqual([]);
  });

  test('is left to its sender until its lease ends, however often others look', async () => {
    const { context, clock, calls, run, stored } = await start({}, applying);
    const before = await stored();
    clock.advance(leaseMs - 1);
    await advance(context, run.id);
    expect(await lookAfterChange(context, before)).toBeNull();
    expect(calls).toEqual([]);
    expect(await stored()).toEqual(before);
  });
});

test('a run does not end as resolved when one of its alerts fires again at that moment', async () => {
  const { context, run, stored } = await start({}, asItIs);
  const outcome = { kind: 'done', reason: 'resolved', detail: '' } as const;
  expect(await endRun(context, await stored(), run, outcome)).toBeNull();
  expect((await stored()).value.state).toBe('planning');
});
