import { beforeEach, describe, expect, test } from 'vitest';
import { undoChoices } from '../../../../src/escalation/undo-choice.js';
import type { Choice } from '../../../../src/ledger/escalation.js';
import type { AnyLedger } from '../../../../src/ledger/ledger.js';
import type { Run } from '../../../../src/ledger/run.js';
import { type Bench, calling, scaleUp, startBench } from '../../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const slowApi = { alertname: 'Slow', service: 'api' };
const odd = { alertname: 'Odd', service: 'web' };
const undoing = scaleUp.replace('settle: 2m', 'settle: 2m\n    undo: true');
const repeating = scaleUp.replace('settle: 2m', 'settle: 1m\n    repeat: 3');

function start(playbook: string, { fenced = false, policy = '' } = {}): void {
  bench = startBench({ playbooks: [playbook], policy, fenced });
  bench.targets.add('web', 2);
  bench.targets.add('api', 2);
}

beforeEach(() => start(scaleUp));

async function only(): Promise<Run> {
  const [run, ...others] = await bench.runs();
  if (run === undefined || others.length > 0) throw new Error(`${others.length + 1} runs`);
  return run;
}

async function cancelled(by = 'ada', comment?: string): Promise<void> {
  const { id } = await only();
  const given = comment === undefined ? {} : { comment };
  expect(await bench.cancel(id, by, given)).toMatchObject({ kind: 'cancelled' });
}

const eventsOf = async (subject: 'run' | 'escalation') =>
  (await bench.audited(subject)).map(({ event }) => event);

const isLocked = async (name: string) =>
  (await bench.ledger.redis.get(bench.ledger.keys.lock(`test.service/${name}`))) !== null;

describe('a run that is cancelled ends at once, without a change,', () => {
  test('while it waits for approval; its question is answered with that', async () => {
    start(scaleUp.replace('mode: auto', 'mode: approve'));
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'awaiting_approval' });
    await cancelled('ada', 'we deploy now');
    await bench.settle();
    expect(await only()).toMatchObject({
      state: 'ended',
      outcome: {
        kind: 'withdrawn',
        reason: 'cancelled',
        detail: 'ada cancelled it: we deploy now',
      },
    });
    const [question, ...more] = await bench.escalations();
    expect(more).toEqual([]);
    expect(question?.value).toMatchObject({
      state: 'answered',
      answer: { choiceId: 'cancel', by: 'ada', comment: 'we deploy now' },
    });
    const late = await bench.answer(question?.value.id ?? '', 'approve', 'ben');
    expect(late.kind).toBe('too_late');
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual([]);
  });

  test('while a guard defers it after its approval', async () => {
    start(scaleUp.replace('mode: auto', 'mode: approve'));
    await bench.take([{ labels: slow }]);
    await bench.pauses.set({ of: 'everything' }, { by: 'ben', why: 'a test', forMs: null });
    const [question] = await bench.escalations();
    await bench.answer(question?.value.id ?? '', 'approve');
    await bench.settle();
    expect(await only()).toMatchObject({ state: 'admitting', waiting: { reason: 'paused' } });
    await cancelled();
    await bench.settle();
    expect(await only()).toMatchObject({ state: 'ended', outcome: { reason: 'cancelled' } });
    await bench.pauses.lift({ of: 'everything' }, { by: 'ben' });
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual([]);
  });

  test('while it waits for its target; the target is free then', async () => {
    bench.targets.setWait('web', true);
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'planning' });
    expect(await isLocked('web')).toBe(true);
    await cancelled();
    await bench.settle();
    expect(await only()).toMatchObject({ state: 'ended', outcome: { reason: 'cancelled' } });
    expect(await isLocked('web')).toBe(false);
    bench.targets.setWait('web', false);
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual([]);
    expect(await bench.escalations()).toEqual([]);
  });
});

describe('a change under way when its run is cancelled', () => {
  test('that was just sent is recorded with its answer, and watched to its end', async () => {
    bench.targets.setConvergence('web', { afterMs: 20_000 });
    start(scaleUp, { fenced: true });
    bench.targets.setConvergence('web', { afterMs: 20_000 });
    bench.targets.duringApply(async () => cancelled());
    await bench.take([{ labels: slow }]);
    // without a wait for the lease of the one who sent it
    expect(await only()).toMatchObject({ state: 'converging', cancelled: { by: 'ada' } });
    expect(await isLocked('web')).toBe(true);
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    const [attempt] = (await only()).attempts;
    expect(attempt?.convergedAtMs).not.toBeNull();
    expect(await only()).toMatchObject({ state: 'ended', outcome: { reason: 'cancelled' } });
  });

  test('that cannot be looked at is not unknown because of that', async () => {
    start(calling(scaleUp));
    bench.targets.duringApply(async () => cancelled());
    await bench.take([{ labels: slow }]);
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await only()).toMatchObject({ outcome: { kind: 'withdrawn', reason: 'cancelled' } });
  });

  test('that the target refused for now is not sent again', async () => {
    bench.targets.failNext('apply', 'busy');
    bench.targets.duringApply(async () => {});
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'planning', retries: 1 });
    await cancelled();
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual([]);
    expect(await eventsOf('run')).not.toContain('looking');
  });

  test('whose sender died is looked at after its lease, and not sent again where it never arrived', async () => {
    bench.targets.failNext('apply', new Error('killed'));
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'applying' });
    await cancelled();
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual([]);
    expect(await only()).toMatchObject({ state: 'ended', outcome: { reason: 'cancelled' } });
    expect((await eventsOf('run')).filter((event) => event === 'applying')).toEqual(['applying']);
  });

  test('is watched to its end, reported, and followed by no other; nothing is undone by itself', async () => {
    start(undoing);
    bench.targets.setConvergence('web', 'never');
    await bench.take([{ labels: slow }]);
    expect(await only()).toMatchObject({ state: 'converging' });
    await cancelled('ada', 'wrong service');
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect((await only()).outcome?.detail).toMatch(
      /^ada cancelled it: wrong service; the target did not reach the requested state: /,
    );
    const [report, ...more] = await bench.escalations();
    expect(more).toEqual([]);
    expect(report?.value).toMatchObject({ kind: 'report', reason: 'cancelled', state: 'open' });
    expect(report?.value.detail).toContain('scale web from 2 to 3 replicas: accepted');
  });
});

test('a run that is cancelled while the alert has its time takes no other step, and frees its target', async () => {
  start(repeating);
  await bench.take([{ labels: slow }]);
  expect(await only()).toMatchObject({ state: 'settling' });
  await cancelled();
  await bench.settle();
  expect(await only()).toMatchObject({ state: 'ended', outcome: { reason: 'cancelled' } });
  expect(await isLocked('web')).toBe(false);
  await bench.pass(30 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  // not counted against its playbook, and not begun again for the same alert
  expect(await bench.runs()).toHaveLength(1);
  const [report] = await bench.escalations();
  expect(report?.value.detail).toContain('ada cancelled it');
});

test('a sequence that is cancelled half-way makes no further change', async () => {
  start(scaleUp.replace('test.scale:', 'test.spread:'));
  bench.targets.setConvergence('web', { afterMs: 3_000 });
  await bench.take([{ labels: slow }]);
  bench.targets.setWait('api', true);
  await bench.pass(30_000);
  expect(await only()).toMatchObject({ state: 'continuing' });
  await cancelled();
  bench.targets.setWait('api', false);
  await bench.pass(30 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  expect(await only()).toMatchObject({ outcome: { reason: 'cancelled' } });
});

test('a run that undoes its changes is cancelled as any other', async () => {
  const both = undoing.replace(
    'guards:',
    '  - test.scale: { service: api, by: 1, max: 8 }\n    settle: 1m\n    undo: true\nguards:',
  );
  start(both);
  await bench.take([{ labels: slow }]);
  await bench.pass(150_000);
  bench.targets.setConvergence('api', { afterMs: 50_000 });
  await bench.pass(45_000);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'api: 2 → 3', 'api: 3 → 2']);
  await cancelled();
  await bench.pass(30 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'api: 2 → 3', 'api: 3 → 2']);
  expect(await only()).toMatchObject({ outcome: { reason: 'cancelled' } });
});

test('a worker that is about to record an intention loses against a cancel at that moment', async () => {
  let met = false;
  const ledger: AnyLedger = {
    ...bench.ledger,
    async commit(transaction) {
      if (!met && JSON.stringify(transaction.writes).includes('"event":"applying"')) {
        met = true;
        await cancelled();
      }
      return bench.ledger.commit(transaction);
    },
  };
  bench.use(bench.another({ ledger, place: () => null }));
  await bench.take([{ labels: slow }]);
  await bench.pass(30 * minute);
  expect(met).toBe(true);
  expect(bench.targets.effects).toEqual([]);
  expect(await eventsOf('run')).not.toContain('applying');
});

test('of two that cancel a run one does, and the other is told who', async () => {
  bench.targets.setConvergence('web', 'never');
  await bench.take([{ labels: slow }]);
  await cancelled('ada');
  const { id } = await only();
  expect(await bench.cancel(id, 'ben')).toMatchObject({
    kind: 'too_late',
    run: { cancelled: { by: 'ada' } },
  });
  expect(await bench.cancel('nothing')).toEqual({ kind: 'unknown_run' });
});

test('who may not decide about a playbook may not cancel its run, and that is recorded', async () => {
  bench.targets.setConvergence('web', 'never');
  await bench.take([{ labels: slow }]);
  const { id } = await only();
  const asked: (string | null)[] = [];
  const mayDecide = async (_: unknown, playbook: string | null) => {
    asked.push(playbook);
    return { allowed: false, why: 'only approvers may' } as const;
  };
  expect(await bench.cancel(id, 'eve', { mayDecide })).toEqual({
    kind: 'not_allowed',
    why: 'only approvers may',
  });
  expect(asked).toEqual(['scale-up']);
  expect((await only()).cancelled).toBeUndefined();
  expect((await bench.audited('run')).at(-1)).toMatchObject({
    event: 'refused',
    reason: 'not_allowed',
    by: 'eve',
  });
});

test('the audit trail says who cancelled a run, and why', async () => {
  bench.targets.setConvergence('web', 'never');
  await bench.take([{ labels: slow }]);
  await cancelled('ada', 'wrong service');
  expect((await bench.audited('run')).at(-1)).toMatchObject({
    event: 'cancelled',
    reason: 'cancelled',
    detail: 'wrong service',
    by: 'ada',
  });
});

describe('the report on a cancelled run', () => {
  async function report() {
    const [found] = (await bench.escalations()).filter(({ value }) => value.reason === 'cancelled');
    if (found === undefined) throw new Error('there is no report');
    return found;
  }

  /** Puts the suggested choices on the report, as the messenger does, and chooses the undo. */
  async function undo(): Promise<void> {
    const stored = await report();
    const choices: readonly Choice[] = await undoChoices(bench.ledger, stored.value);
    expect(choices).toMatchObject([{ id: 'undo', label: 'Undo: web 3 → 2' }]);
    const save = bench.ledger.saveEscalation(stored, { ...stored.value, choices }, null);
    await bench.write(...save.writes);
    expect(await bench.answer(stored.value.id, 'undo', 'ben')).toMatchObject({ kind: 'accepted' });
    await bench.settle();
  }

  test('offers to undo what has a step with undo: true, and does it when chosen', async () => {
    start(undoing);
    await bench.take([{ labels: slow }]);
    await cancelled();
    await bench.settle();
    await undo();
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
    const [, second] = await bench.runs();
    expect(second).toMatchObject({
      origin: { kind: 'person', by: 'ben' },
      state: 'ended',
      outcome: { kind: 'done', reason: 'chosen' },
    });
    expect(await isLocked('web')).toBe(false);
  });

  test('undoes nothing that was changed since, and a person is told', async () => {
    start(undoing);
    await bench.take([{ labels: slow }]);
    await cancelled();
    await bench.settle();
    bench.targets.setSize('web', 6);
    await undo();
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    const [, second] = await bench.runs();
    expect(second).toMatchObject({ outcome: { kind: 'failed', reason: 'not_converged' } });
    expect(second?.outcome?.detail).toContain('web stays at 6 replicas: it has changed since');
  });

  test('offers no undo where no step has it', async () => {
    await bench.take([{ labels: slow }]);
    await cancelled();
    await bench.settle();
    expect(await undoChoices(bench.ledger, (await report()).value)).toEqual([]);
  });
});

describe('a run that a person started', () => {
  async function choose(labels = odd): Promise<void> {
    await bench.take([{ labels }]);
    const [stored] = await bench.escalations();
    if (stored === undefined) throw new Error('nothing was asked');
    const params = { service: 'web', by: 1, max: 3 };
    const target = { id: 'test.service/web', name: 'web' };
    const does = { kind: 'act', action: 'test.scale', params, target } as const;
    const choices = [{ id: 'up', label: 'Scale', style: undefined, does }];
    const save = bench.ledger.saveEscalation(stored, { ...stored.value, choices }, null);
    await bench.write(...save.writes);
    await bench.answer(stored.value.id, 'up');
    await bench.settle();
  }

  test('frees its target when its change has converged, and a playbook that waits begins', async () => {
    bench.targets.setConvergence('web', { afterMs: 20_000 });
    await choose();
    await bench.take([{ labels: slow }]);
    expect(await bench.runs()).toMatchObject([{ state: 'converging' }]);
    await bench.pass(30_000);
    expect(await bench.runs()).toMatchObject([
      { state: 'settling', released: true },
      { origin: { kind: 'playbook' } },
    ]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('leaves the cooldown of its target to the playbook', async () => {
    start(scaleUp.replace('cooldown: 0', 'cooldown: 10m'));
    await choose();
    expect(await bench.runs()).toMatchObject([{ state: 'settling' }]);
    await bench.take([{ labels: slow }]);
    await bench.pass(5 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.pass(6 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('takes no lock from another when it ends', async () => {
    await choose();
    bench.targets.setConvergence('web', 'never');
    await bench.take([{ labels: slow }]);
    expect(await bench.runs()).toMatchObject([{ state: 'settling' }, { state: 'converging' }]);
    await bench.take([{ labels: odd, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ state: 'ended' }, { state: 'converging' }]);
    expect(await isLocked('web')).toBe(true);
    await bench.take([{ labels: slowApi }]);
    expect(await isLocked('api')).toBe(true);
  });
});
