import { describe, expect, test } from 'vitest';
import type { MayDecide } from '../../../src/escalation/person.js';
import type { StoredEscalation } from '../../../src/ledger/record-reads.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const asking = scaleUp.replace('mode: auto', 'mode: approve');

/** A run that waits for a person, and the question to them. */
async function ask(playbook = asking): Promise<StoredEscalation> {
  bench = startBench({ playbooks: [playbook, other] });
  bench.targets.add('web', 2);
  await bench.take([{ labels: slow }]);
  const [question] = await bench.escalations();
  if (question === undefined) throw new Error('nobody was asked');
  return question;
}

const other = scaleUp.replace('name: scale-up', 'name: scale-other').replace('"Slow"', '"Full"');

test('a playbook in mode approve asks before it acts, with its plan in words', async () => {
  const { value } = await ask();
  expect(value).toMatchObject({
    kind: 'approval',
    state: 'open',
    title: 'Slow: web',
    detail: 'scale-up requests approval: scale web from 2 to 3 replicas.',
    choices: [{ id: 'approve' }, { id: 'deny' }],
  });
  expect(await bench.runs()).toMatchObject([{ state: 'awaiting_approval', id: value.runId }]);
  await bench.pass(30 * minute);
  expect(bench.targets.calls.apply).toBe(0);
});

test('one more alert of the same kind joins the question, and asks nobody again', async () => {
  const { value } = await ask();
  await bench.take([{ labels: { ...slow, instance: 'b' } }]);
  await bench.take([{ labels: slow }]);
  expect(await bench.escalations()).toMatchObject([{ value: { id: value.id }, joined: 2 }]);
});

test('one more alert that joins the question has its message count it', async () => {
  const { value } = await ask();
  const { schedule } = bench.ledger.keys;
  const message = `message:${value.id}`;
  const entry = expect.objectContaining({ item: message });
  await bench.write(['ZREM', schedule, message]);
  await bench.take([{ labels: { ...slow, instance: 'b' } }]);
  expect(await bench.ledger.due(bench.clock.now(), 10)).not.toContainEqual(entry);
  expect(await bench.ledger.due(bench.clock.now() + 3_600_000, 10)).toContainEqual(entry);
});

test('approved, it acts, and the answer says who let it', async () => {
  const { value } = await ask();
  expect(await bench.answer(value.id, 'approve', 'ada')).toMatchObject({ kind: 'accepted' });
  await bench.settle();
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  const [escalation] = await bench.escalations();
  expect(escalation?.value).toMatchObject({
    state: 'answered',
    answer: { choiceId: 'approve', by: 'ada', runId: value.runId },
  });
  expect(await bench.audited('escalation')).toMatchObject([
    { event: 'opened', reason: 'approval' },
    { event: 'answered', detail: 'Approve', by: 'ada' },
  ]);
});

describe('a yes is for what was shown', () => {
  const ladder = asking
    .replace('settle: 2m', 'settle: 2m\n    repeat: 3')
    .replace('guards:', '  - test.scale: { service: db, by: 5, max: 8 }\nguards:');

  /** The question asked last. */
  const latest = async () => (await bench.escalations()).at(-1)?.value;

  test('all steps with their repeats, as far as they may go', async () => {
    bench = startBench({ playbooks: [ladder] });
    bench.targets.add('web', 2);
    bench.targets.add('db', 1);
    await bench.take([{ labels: slow }]);
    const question = await latest();
    expect(question?.detail).toBe(
      'scale-up requests approval: scale web from 2 to 3 replicas, and 2 more times while the alert fires, up to 5; if the alert still fires, scale db from 1 to 6 replicas.',
    );
    await bench.answer(question?.id ?? '', 'approve');
    await bench.pass(20 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4', 'web: 4 → 5', 'db: 1 → 6']);
  });

  test('where the plan goes further by then, nothing is done and a person is asked anew', async () => {
    const { value } = await ask();
    bench.targets.setSize('web', 5);
    await bench.pass(1_000);
    await bench.answer(value.id, 'approve');
    await bench.settle();
    expect(bench.targets.effects).toEqual([]);
    const again = await latest();
    expect(again).toMatchObject({
      kind: 'approval',
      state: 'open',
      detail: `scale-up requests approval: scale web from 5 to 6 replicas.
The target has changed since a person approved this: scale web from 2 to 3 replicas. That approval is void.`,
    });
    expect(await bench.runs()).toMatchObject([
      { state: 'awaiting_approval', escalationId: again?.id },
    ]);
    await bench.take([{ labels: { alertname: 'Full', service: 'web' } }]);
    expect(bench.targets.effects).toEqual(['web: 5 → 6']);
  });

  test('asked anew and approved, it acts, and its run counts once for limits', async () => {
    const { value } = await ask(asking.replace('cooldown: 0', 'cooldown: 0, limits: [1 per 1d]'));
    bench.targets.setSize('web', 5);
    await bench.pass(1_000);
    await bench.answer(value.id, 'approve');
    await bench.settle();
    await bench.answer((await latest())?.id ?? '', 'approve');
    await bench.settle();
    expect(bench.targets.effects).toEqual(['web: 5 → 6']);
  });

  test('where it goes less far by then, nothing is done either: it is not what was shown', async () => {
    const { value } = await ask();
    bench.targets.setSize('web', 1);
    await bench.pass(1_000);
    await bench.answer(value.id, 'approve');
    await bench.settle();
    expect(bench.targets.effects).toEqual([]);
    expect((await latest())?.detail).toContain(
      'requests approval: scale web from 1 to 2 replicas.',
    );
  });

  test('where it is a later part of what was shown, the yes is good', async () => {
    const { value } = await ask(asking.replace('settle: 2m', 'settle: 2m\n    repeat: 3'));
    bench.targets.setSize('web', 3);
    await bench.answer(value.id, 'approve');
    await bench.settle();
    expect(bench.targets.effects).toEqual(['web: 3 → 4']);
  });

  test('nobody is asked about nothing: a target at its bound ends as in mode auto', async () => {
    bench = startBench({ playbooks: [asking] });
    bench.targets.add('web', 8);
    await bench.take([{ labels: slow }]);
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'at_bound' } }]);
    expect((await bench.escalations()).map(({ value: { kind } }) => kind)).toEqual(['report']);
  });

  test('nobody is asked while it has to wait, and then for what there is to do', async () => {
    bench = startBench({ playbooks: [asking] });
    bench.targets.add('web', 2);
    bench.targets.setWait('web', true);
    await bench.take([{ labels: slow }]);
    expect(await bench.escalations()).toEqual([]);
    bench.targets.setWait('web', false);
    await bench.pass(minute);
    expect(await latest()).toMatchObject({ kind: 'approval', state: 'open' });
  });
});

test('denied, it does nothing and releases what it held', async () => {
  const { value } = await ask();
  expect(await bench.answer(value.id, 'deny', 'ada')).toMatchObject({ kind: 'accepted' });
  await bench.pass(30 * minute);
  expect(bench.targets.calls.apply).toBe(0);
  expect(await bench.runs()).toMatchObject([
    { outcome: { kind: 'withdrawn', reason: 'denied', detail: 'ada denied it' } },
  ]);
  expect(await bench.escalations()).toHaveLength(1);
});

test('of many answers at the same time exactly one counts', async () => {
  const { value } = await ask();
  const answers = await Promise.all(
    ['approve', 'deny', 'approve', 'deny', 'approve', 'deny'].map((choice, index) =>
      bench.answer(value.id, choice, `person ${index}`),
    ),
  );
  expect(answers.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'too_late')).toHaveLength(5);
  const accepted = answers.find((answer) => answer.kind === 'accepted');
  const [escalation] = await bench.escalations();
  expect(escalation?.value).toEqual(
    JSON.parse(JSON.stringify(accepted?.kind === 'accepted' && accepted.escalation)),
  );
  await bench.settle();
  const approved = escalation?.value.answer?.choiceId === 'approve';
  expect(bench.targets.effects).toHaveLength(approved ? 1 : 0);
});

test('an answer to what was never asked, or a choice that was never offered, decides nothing', async () => {
  const { value } = await ask();
  expect(await bench.answer('nothing', 'approve')).toEqual({ kind: 'unknown_escalation' });
  expect(await bench.answer(value.id, 'explode')).toMatchObject({ kind: 'unknown_choice' });
  expect((await bench.escalations())[0]?.value.state).toBe('open');
});

describe('while it waits', () => {
  test('the alert resolves: the question is withdrawn and a late click does nothing', async () => {
    const { value } = await ask();
    await bench.take([{ labels: slow, resolved: true }]);
    expect(await bench.escalations()).toMatchObject([{ value: { state: 'withdrawn' } }]);
    expect(await bench.runs()).toMatchObject([
      { outcome: { kind: 'withdrawn', reason: 'resolved' } },
    ]);
    expect(await bench.answer(value.id, 'approve')).toMatchObject({ kind: 'too_late' });
    await bench.pass(minute);
    expect(bench.targets.calls.apply).toBe(0);
  });

  test('the alert resolves at the very moment of the click: nothing is done', async () => {
    const { value } = await ask();
    await bench.engine.take(bench.notification([{ labels: slow, resolved: true }]));
    await bench.answer(value.id, 'approve');
    await bench.settle();
    expect(bench.targets.calls.apply).toBe(0);
    expect(await bench.runs()).toMatchObject([{ state: 'ended', outcome: { kind: 'withdrawn' } }]);
  });

  test('it holds no lock: another playbook may act, and the guards are taken with the approval', async () => {
    const { value } = await ask();
    await bench.pass(1_000);
    await bench.take([{ labels: { alertname: 'Full', service: 'web' } }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.answer(value.id, 'approve');
    await bench.pass(30_000);
    expect(await bench.runs()).toMatchObject([
      { state: 'admitting', waiting: { reason: 'target_busy' } },
      { state: 'settling' },
    ]);
    bench.targets.setSize('web', 2);
    await bench.take([{ labels: { alertname: 'Full', service: 'web' }, resolved: true }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 2 → 3']);
  });

  test('a guard holds what was approved: the yes is good for its time only, and a person is told', async () => {
    const { value } = await ask(
      asking.replace('guards: { cooldown: 0 }', 'guards: { cooldown: 20h }'),
    );
    await bench.pass(1_000);
    await bench.take([{ labels: { alertname: 'Full', service: 'web' } }]);
    await bench.take([{ labels: { alertname: 'Full', service: 'web' }, resolved: true }]);
    await bench.answer(value.id, 'approve');
    await bench.pass(59 * minute);
    expect(await bench.runs()).toMatchObject([{ state: 'admitting' }, { state: 'ended' }]);
    await bench.pass(2 * minute);
    expect((await bench.runs())[0]?.outcome).toMatchObject({
      kind: 'failed',
      reason: 'expired',
      detail: expect.stringContaining('deferred by cooldown'),
    });
    expect((await bench.escalations()).at(-1)?.value).toMatchObject({ reason: 'expired' });
    await bench.pass(20 * 60 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('nobody answers: after its time it ends, and a person is told so', async () => {
    const { value } = await ask();
    await bench.pass(59 * minute);
    expect(await bench.runs()).toMatchObject([{ state: 'awaiting_approval' }]);
    await bench.pass(2 * minute);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'failed', reason: 'expired' } }]);
    const states = (await bench.escalations()).map(({ value: { reason, state } }) => [
      reason,
      state,
    ]);
    expect(states).toEqual([
      ['approval', 'expired'],
      ['expired', 'open'],
    ]);
    expect(await bench.answer(value.id, 'approve')).toMatchObject({ kind: 'too_late' });
    await bench.settle();
    expect(bench.targets.calls.apply).toBe(0);
  });

  test('the time runs out at the very moment of the click: one of both counts', async () => {
    const { value } = await ask();
    bench.clock.advance(61 * minute);
    const [answer] = await Promise.all([
      bench.answer(value.id, 'approve'),
      bench.another().look(`expiry:${value.id}`),
    ]);
    await bench.pass(minute);
    const [run] = await bench.runs();
    const accepted = answer.kind === 'accepted';
    expect(bench.targets.effects).toHaveLength(accepted ? 1 : 0);
    expect(run?.outcome?.reason === 'expired').toBe(!accepted);
  });
});

test('a no with its reason ends the run, and the reason stays in every record', async () => {
  const { value } = await ask();
  await bench.answer(value.id, 'deny', 'ada', { comment: ' a sale begins \n' });
  expect((await bench.escalations())[0]?.value.answer).toMatchObject({ comment: 'a sale begins' });
  expect(await bench.runs()).toMatchObject([
    { outcome: { reason: 'denied', detail: 'ada denied it: a sale begins' } },
  ]);
  expect(await bench.audited('escalation')).toContainEqual(
    expect.objectContaining({ event: 'answered', detail: 'Deny: a sale begins', by: 'ada' }),
  );
});

test('who may not decide changes nothing, is told why, and is in the audit trail', async () => {
  const { value } = await ask();
  const asked: unknown[] = [];
  const mayDecide = async (...about: unknown[]) => {
    asked.push(about);
    return { allowed: false, why: 'only bo may.' } as const;
  };
  expect(await bench.answer(value.id, 'approve', 'eve', { mayDecide })).toEqual({
    kind: 'not_allowed',
    why: 'only bo may.',
  });
  await bench.pass(minute);
  expect(asked).toEqual([[{ via: 'api', name: 'eve' }, 'scale-up']]);
  expect(bench.targets.calls.apply).toBe(0);
  expect((await bench.escalations())[0]?.value).toMatchObject({ state: 'open', answer: null });
  const { id } = value;
  const about = { id, event: 'refused', reason: 'not_allowed', detail: 'Approve', by: 'eve' };
  expect(await bench.audited('escalation')).toContainEqual(expect.objectContaining(about));
});

test('a click that loses by a hair is told who was first, and not that the question was withdrawn', async () => {
  const { value } = await ask();
  const overtaken: MayDecide = async () => {
    await bench.answer(value.id, 'approve', 'bo');
    return { allowed: true };
  };
  expect(await bench.answer(value.id, 'deny', 'ada', { mayDecide: overtaken })).toMatchObject({
    kind: 'too_late',
    escalation: { state: 'answered', answer: { by: 'bo' } },
  });
});
