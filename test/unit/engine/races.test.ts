import { describe, expect, test } from 'vitest';
import { closeStaleOf } from '../../../src/engine/episode/stale.js';
import { answerEscalation } from '../../../src/engine/people/answer.js';
import { anybodyDecides } from '../../../src/escalation/person.js';
import { createPauses } from '../../../src/guard/pauses.js';
import { createResets } from '../../../src/guard/resets.js';
import type { AnyLedger } from '../../../src/ledger/ledger.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';
import { sampleEscalation } from '../slack/samples.js';

/*
 * Everything that is written goes by what was read before (compare-and-set). Each test has something else
 * change that right before one transaction is carried out: what came first stays, and what comes too late
 * is decided again.
 */

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const odd = { alertname: 'Odd', service: 'web' };
const asking = scaleUp.replace('mode: auto', 'mode: approve');

let bench: Bench;

function start(playbooks: readonly string[] = [scaleUp], policy?: string): void {
  bench = startBench({ playbooks, ...(policy === undefined ? {} : { policy }) });
  bench.targets.add('web', 2);
}

/** The ledger, where something happens right before the first transaction that records this event. */
const overtaken = (event: string, happens: () => Promise<unknown>) =>
  overtakenAt(`"event":"${event}"`, happens);

/** The same before the first transaction that writes this text. */
function overtakenAt(
  text: string,
  happens: () => Promise<unknown>,
): AnyLedger & { met(): boolean } {
  let met = false;
  return {
    ...bench.ledger,
    met: () => met,
    async commit(transaction) {
      if (!met && JSON.stringify(transaction.writes).includes(text)) {
        met = true;
        await happens();
      }
      return bench.ledger.commit(transaction);
    },
  };
}

const answerWith = (ledger: AnyLedger, id: string, choiceId: string, by: string) =>
  answerEscalation(
    { ...bench.context(), ledger, policy: () => defaultPolicy, mayDecide: anybodyDecides },
    { id, choiceId, person: { via: 'api', name: by } },
  );

async function question() {
  const found = (await bench.escalations()).find(({ value }) => value.kind !== 'report');
  if (found === undefined) throw new Error('nothing was asked');
  return found.value;
}

async function eventsOf(subject: 'episode' | 'run' | 'escalation' | 'guard'): Promise<string[]> {
  return (await bench.audited(subject)).map(({ event }) => event);
}

describe('an alert', () => {
  test('that two engines take in at the same moment is one episode with two deliveries', async () => {
    start();
    const notification = bench.notification([{ labels: odd }]);
    const ledger = overtaken('opened', () => bench.engine.take(notification));
    await bench.another({ ledger }).take(notification);
    expect(ledger.met()).toBe(true);
    expect(await bench.episode(odd)).toMatchObject({ deliveries: 2 });
    expect((await eventsOf('episode')).filter((event) => event === 'opened')).toHaveLength(1);
  });

  test('that is repeated to two engines at the same moment counts both deliveries', async () => {
    start();
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a release', forMs: null });
    await bench.take([{ labels: slow }]);
    const again = bench.notification([{ labels: slow }]);
    const ledger = overtakenAt('"deliveries":2', () => bench.engine.take(again));
    await bench.another({ ledger }).take(again);
    expect(ledger.met()).toBe(true);
    expect(await bench.episode(slow)).toMatchObject({ deliveries: 3 });
  });

  test('that is repeated while it is closed as stale stays open', async () => {
    start();
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a release', forMs: null });
    await bench.take([{ labels: slow }]);
    bench.clock.advance(bench.context().active().policy.alertmanager.staleAfterMs);
    const again = bench.notification([{ labels: slow }]);
    const ledger = overtaken('closed', () => bench.engine.take(again));
    const { identity } = await bench.episode(slow);
    await closeStaleOf({ ...bench.context(), ledger }, [identity]);
    expect(ledger.met()).toBe(true);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
  });

  test('that resolves while it is decided gets no question', async () => {
    start();
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a release', forMs: null });
    await bench.take([{ labels: slow }]);
    bench.reload({ playbooks: [scaleUp.replace('"Slow"', '"Else"')] });
    const resolved = bench.notification([{ labels: slow, resolved: true }]);
    const ledger = overtaken('escalated', () => bench.engine.take(resolved));
    await bench.another({ ledger }).look(`episode:${(await bench.episode(slow)).identity}`);
    await bench.settle();
    expect(ledger.met()).toBe(true);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
    expect(await bench.escalations()).toEqual([]);
  });

  test('that resolves while its run is admitted gets none', async () => {
    start();
    const resolved = bench.notification([{ labels: slow, resolved: true }]);
    const ledger = overtaken('admitted', () => bench.engine.take(resolved));
    await bench.another({ ledger }).take(bench.notification([{ labels: slow }]));
    await bench.settle();
    expect(ledger.met()).toBe(true);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
    expect(bench.targets.effects).toEqual([]);
    expect(await bench.runs()).toEqual([]);
  });

  test('whose target becomes free while it is deferred does not wait for a wake-up that is past', async () => {
    start();
    const lock = bench.ledger.keys.lock('test.service/web');
    await bench.write(['SET', lock, 'another']);
    const ledger = overtaken('held', () => bench.write(['DEL', lock]));
    await bench.another({ ledger }).take(bench.notification([{ labels: slow }]));
    expect(ledger.met()).toBe(true);
    await bench.settle();
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('that joins a run which ends at that moment is decided again', async () => {
    start([asking]);
    await bench.take([{ labels: slow }]);
    const { id } = await question();
    const ledger = overtaken('joined', () => bench.answer(id, 'deny'));
    const second = { ...slow, host: 'b' };
    await bench.another({ ledger }).take(bench.notification([{ labels: second }]));
    await bench.settle();
    expect(ledger.met()).toBe(true);
    const [first, anew] = await bench.runs();
    expect(first).toMatchObject({ state: 'ended' });
    expect(anew).toMatchObject({ state: 'awaiting_approval' });
    expect((await bench.episode(second)).verdicts).toMatchObject([{ runId: anew?.id }]);
  });
});

describe('a question', () => {
  async function ask(playbooks?: readonly string[], labels = odd) {
    start(playbooks);
    await bench.take([{ labels }]);
    const { id } = await question();
    return id;
  }

  test('about a run is asked once by two engines at the same moment', async () => {
    start([asking]);
    const of = (host: string) => bench.notification([{ labels: { ...slow, host } }]);
    const ledger = overtaken('asked', () => bench.engine.take(of('a')));
    await bench.another({ ledger }).take(of('b'));
    await bench.settle();
    expect(ledger.met()).toBe(true);
    expect(await bench.escalations()).toMatchObject([{ joined: 2 }]);
    expect(await bench.runs()).toHaveLength(1);
  });

  test('that is approved while its run ends as resolved lets nothing begin', async () => {
    const id = await ask([asking], slow);
    await bench.engine.take(bench.notification([{ labels: slow, resolved: true }]));
    const [run] = await bench.runs();
    const ledger = overtaken('answered', () => bench.engine.look(`run:${run?.id}`));
    expect(await answerWith(ledger, id, 'approve', 'ada')).toMatchObject({ kind: 'too_late' });
    expect(ledger.met()).toBe(true);
    await bench.settle();
    expect(await bench.runs()).toMatchObject([{ state: 'ended', outcome: { reason: 'resolved' } }]);
    expect(bench.targets.effects).toEqual([]);
  });

  test('that is answered while people are reminded of it stays answered', async () => {
    const id = await ask([asking], slow);
    bench.clock.advance(defaultPolicy.approvalExpiresMs / 2);
    const ledger = overtaken('reminded', () => bench.answer(id, 'deny'));
    await bench.another({ ledger }).look(`reminder:${id}`);
    expect(ledger.met()).toBe(true);
    expect(await question()).toMatchObject({ state: 'answered', answer: { choiceId: 'deny' } });
  });

  test('that two people answer at the same moment has one answer', async () => {
    const id = await ask([asking], slow);
    const ledger = overtaken('answered', () => bench.answer(id, 'deny', 'bob'));
    expect(await answerWith(ledger, id, 'approve', 'ada')).toMatchObject({ kind: 'too_late' });
    await bench.settle();
    expect(await question()).toMatchObject({ state: 'answered', answer: { by: 'bob' } });
    expect(bench.targets.effects).toEqual([]);
  });

  test.each([
    ['withdrawn', 'case:case1'],
    ['expired', 'expiry:esc1'],
    ['answered', undefined],
  ])('that is answered while it is %s stays answered', async (event, item) => {
    start();
    const nowMs = bench.clock.now();
    const asked = sampleEscalation({
      kind: 'unmatched',
      id: 'esc1',
      caseId: 'case1',
      runId: null,
      choices: [{ id: 'ok', label: 'OK', style: undefined, does: { kind: 'acknowledge' } }],
      createdAtMs: nowMs,
      expiresAtMs: nowMs,
    });
    const record = { atMs: nowMs, subject: 'escalation', id: 'esc1', event: 'opened' } as const;
    await bench.write(
      ...bench.ledger.saveEscalation(null, asked, nowMs).writes,
      bench.ledger.audit(record),
    );
    const ledger = overtaken(event, () => bench.answer('esc1', 'ok', 'bob'));
    if (item === undefined) await answerWith(ledger, 'esc1', 'ok', 'ada');
    else await bench.another({ ledger }).look(item);
    expect(ledger.met()).toBe(true);
    expect(await question()).toMatchObject({ state: 'answered', answer: { by: 'bob' } });
  });

  test('that one more alert joins while it is withdrawn stays open', async () => {
    await ask();
    await bench.engine.take(bench.notification([{ labels: odd, resolved: true }]));
    const { caseId } = await question();
    const more = bench.notification([{ labels: { ...odd, host: 'b' } }]);
    const ledger = overtaken('withdrawn', () => bench.engine.take(more));
    await bench.another({ ledger }).look(`case:${caseId}`);
    await bench.settle();
    expect(ledger.met()).toBe(true);
    expect((await bench.escalations()).filter(({ value }) => value.state === 'open')).toHaveLength(
      1,
    );
  });

  test('about one thing is opened once by two engines at the same moment', async () => {
    start();
    const of = (host: string) => bench.notification([{ labels: { ...odd, host } }]);
    const ledger = overtaken('escalated', () => bench.engine.take(of('a')));
    await bench.another({ ledger }).take(of('b'));
    await bench.settle();
    expect(ledger.met()).toBe(true);
    expect(await bench.escalations()).toMatchObject([{ joined: 2 }]);
  });
});

describe('a run', () => {
  test('that two engines move at the same moment changes its target once', async () => {
    start();
    const ledger = overtaken('applying', () => bench.settle());
    await bench.another({ ledger }).take(bench.notification([{ labels: slow }]));
    await bench.settle();
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(bench.targets.calls.apply).toBe(1);
  });

  test('that two engines see converge at the same moment is told of it once', async () => {
    start();
    bench.targets.setConvergence('web', { afterMs: 10_000 });
    await bench.take([{ labels: slow }]);
    const [run] = await bench.runs();
    bench.clock.advance(20_000);
    const ledger = overtaken('converged', () => bench.engine.look(`run:${run?.id}`));
    await bench.another({ ledger }).look(`run:${run?.id}`);
    expect(ledger.met()).toBe(true);
    expect((await eventsOf('run')).filter((event) => event === 'converged')).toHaveLength(1);
  });

  test('whose alert resolves right before its change sends nothing', async () => {
    start([asking]);
    await bench.take([{ labels: slow }]);
    const { id } = await question();
    const resolved = bench.notification([{ labels: slow, resolved: true }]);
    const ledger = overtaken('applying', () => bench.engine.take(resolved));
    bench.use(bench.another({ ledger }));
    await bench.answer(id, 'approve');
    await bench.settle();
    expect(ledger.met()).toBe(true);
    expect(bench.targets.calls.apply).toBe(0);
  });

  test('that another alert joins while it ends as resolved goes on', async () => {
    start([asking]);
    await bench.take([{ labels: slow }]);
    await bench.engine.take(bench.notification([{ labels: slow, resolved: true }]));
    const [run] = await bench.runs();
    const more = bench.notification([{ labels: { ...slow, host: 'b' } }]);
    const ledger = overtaken('ended', () => bench.engine.take(more));
    await bench.another({ ledger }).look(`case:${run?.caseId}`);
    expect(ledger.met()).toBe(true);
    expect(await bench.runs()).toMatchObject([{ state: 'awaiting_approval' }]);
  });
});

describe('what people do', () => {
  const release = { by: 'ada', why: 'a release', forMs: null };

  test('a pause that is replaced while it is lifted: the caller hears of the new one', async () => {
    start();
    await bench.pauses.set({ of: 'everything' }, release);
    const ledger = overtaken('lifted', () =>
      bench.pauses.set({ of: 'everything' }, { ...release, by: 'bob' }),
    );
    const pauses = createPauses({ ledger, clock: bench.clock });
    expect(await pauses.lift({ of: 'everything' }, { by: 'ada' })).toMatchObject({ by: 'bob' });
    expect(ledger.met()).toBe(true);
  });

  test('a circuit breaker is reset once by two people', async () => {
    start([scaleUp], 'breaker: { failures: 1 }');
    bench.targets.setConvergence('web', 'never');
    await bench.take([{ labels: slow }]);
    await bench.pass(30 * minute);
    expect(await bench.resets.openBreakers()).toHaveLength(1);
    const ledger = overtaken('reset', () => bench.resets.resetBreaker('scale-up', { by: 'bob' }));
    const resets = createResets({ ...bench.context(), ledger });
    expect(await resets.resetBreaker('scale-up', { by: 'ada' })).toBeNull();
    expect(ledger.met()).toBe(true);
    expect((await eventsOf('guard')).filter((event) => event === 'reset')).toHaveLength(1);
  });
});
