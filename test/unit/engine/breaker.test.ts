import { expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const minute = 60_000;
const slow = (instance: number) => ({
  alertname: 'Slow',
  service: 'web',
  instance: `i${instance}`,
});

async function start(policy = 'breaker: { failures: 2 }', playbook = scaleUp): Promise<Bench> {
  bench = startBench({ playbooks: [playbook], policy });
  bench.targets.add('web', 1);
  return bench;
}

/** A run that uses up its step while the alert fires on. */
async function fail(instance: number): Promise<void> {
  await bench.take([{ labels: slow(instance) }]);
  await bench.pass(3 * minute);
  await bench.take([{ labels: slow(instance), resolved: true }]);
}

/** A run whose alert resolves. */
async function help(instance: number): Promise<void> {
  await bench.take([{ labels: slow(instance) }]);
  await bench.take([{ labels: slow(instance), resolved: true }]);
  await bench.settle();
}

const reportsOf = async (reason: string) =>
  (await bench.escalations()).filter(({ value }) => value.reason === reason);

test('after its last runs did not help, a person is told at once and asked before the next', async () => {
  await start();
  await fail(1);
  expect(await bench.resets.openBreakers()).toEqual([]);
  await fail(2);
  const [, second] = await bench.runs();
  const [breaker] = await bench.resets.openBreakers();
  expect(breaker).toMatchObject({ playbook: 'scale-up', failures: 2, runId: second?.id });
  expect(await reportsOf('breaker')).toMatchObject([
    { value: { id: breaker?.escalationId, kind: 'report', state: 'open' } },
  ]);
  expect(await bench.audited('guard')).toMatchObject([
    { id: 'breaker:scale-up', event: 'opened', reason: 'breaker' },
  ]);

  await bench.take([{ labels: slow(3) }]);
  expect((await bench.episode(slow(3))).verdicts).toMatchObject([
    { fate: 'run', reason: 'breaker' },
  ]);
  const [, question] = await reportsOf('breaker');
  expect(question?.value).toMatchObject({
    kind: 'approval',
    detail: expect.stringContaining(
      'required because the circuit breaker is open: the last runs of the playbook did not help',
    ),
  });
  await bench.pass(10 * minute);
  expect(bench.targets.effects).toHaveLength(2);
  await bench.answer(question?.value.id ?? '', 'approve');
  await bench.settle();
  expect(bench.targets.effects).toHaveLength(3);
});

test('a person resets it: the playbook acts by itself again, and its failures count anew', async () => {
  await start();
  await fail(1);
  await fail(2);
  expect(await bench.resets.resetBreaker('scale-up', { by: 'ada' })).toMatchObject({ failures: 2 });
  expect(await bench.resets.resetBreaker('scale-up', { by: 'bob' })).toBeNull();
  expect(await reportsOf('breaker')).toMatchObject([
    { value: { state: 'answered', answer: { by: 'ada' } } },
  ]);
  await fail(3);
  expect(bench.targets.effects).toHaveLength(3);
  expect(await bench.resets.openBreakers()).toEqual([]);
  await fail(4);
  expect(await bench.resets.openBreakers()).toHaveLength(1);
  const events = (await bench.audited('guard')).map(({ event, by }) => [event, by]);
  expect(events).toEqual([
    ['opened', undefined],
    ['reset', 'ada'],
    ['opened', undefined],
  ]);
});

test('a run that resolved its alert sets the count back', async () => {
  await start();
  await fail(1);
  await help(2);
  await fail(3);
  expect(await bench.resets.openBreakers()).toEqual([]);
});

test('runs that a person denied, or did not answer about, do not count', async () => {
  await start('breaker: { failures: 1 }', scaleUp.replace('mode: auto', 'mode: approve'));
  await bench.take([{ labels: slow(1) }]);
  const [question] = await bench.escalations();
  await bench.answer(question?.value.id ?? '', 'deny');
  await bench.take([{ labels: slow(2) }]);
  await bench.pass(2 * 60 * minute);
  const ends = (await bench.runs()).map(({ outcome }) => outcome?.reason);
  expect(ends.sort()).toEqual(['denied', 'expired']);
  expect(await bench.resets.openBreakers()).toEqual([]);
});

test('it opens once, however many see the last run end', async () => {
  await start('breaker: { failures: 1 }');
  bench.use(bench.another(), bench.another(), bench.another());
  await fail(1);
  expect(await bench.resets.openBreakers()).toHaveLength(1);
  expect(await reportsOf('breaker')).toHaveLength(1);
  expect(await bench.audited('guard')).toHaveLength(1);
});

test('no failure is lost when several runs end at the same time', async () => {
  const names = ['a', 'b', 'c', 'd'];
  await start('breaker: { failures: 4 }');
  for (const name of names) bench.targets.add(name, 1);
  bench.use(bench.another(), bench.another(), bench.another());
  await bench.take(names.map((service) => ({ labels: { alertname: 'Slow', service } })));
  bench.clock.advance(3 * minute);
  await Promise.all((await bench.runs()).map(({ id }) => bench.engine.look(`run:${id}`)));
  await bench.pass(minute);
  expect(await bench.resets.openBreakers()).toMatchObject([{ failures: 4 }]);
});

test('that opens between a decision and its admission, it still has a person asked', async () => {
  await start();
  const { ledger } = bench;
  let opened = false;
  const late = {
    ...ledger,
    async commit(transaction: Parameters<typeof ledger.commit>[0]) {
      if (transaction.claims?.some(({ kind }) => kind === 'lock') && !opened) {
        opened = true;
        await ledger.redis.hset(ledger.keys.breakers, 'scale-up', '{}');
      }
      return ledger.commit(transaction);
    },
  };
  bench.use(bench.another({ ledger: late }));
  await bench.take([{ labels: slow(1) }]);
  expect(await bench.runs()).toMatchObject([{ state: 'awaiting_approval' }]);
  expect(bench.targets.calls.apply).toBe(0);
});
