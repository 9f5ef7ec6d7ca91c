import { describe, expect, test } from 'vitest';
import type { Place } from '../../../src/engine/context/context.js';
import { TargetError } from '../../../src/integrations/contract/target-error.js';
import { type Bench, calling, scaleUp, startBench } from '../../support/memory-engine.js';

/* Runs that begin with their admission: what is planned from a version, or from nothing at all. */

let bench: Bench;

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const events = async () => (await bench.audited('run')).map(({ event }) => event).slice(0, 3);

describe('a run on a target that refuses what is out of date', () => {
  test('is admitted and intends its first change in one transaction, and sends it at once', async () => {
    bench = startBench({ playbooks: [scaleUp], fenced: true });
    bench.targets.add('web', 2);
    const runs: unknown[] = [];
    bench.targets.duringApply(async () => void runs.push(...(await bench.runs())));
    await bench.take([{ labels: slow }]);
    expect(runs).toMatchObject([
      { state: 'applying', attempts: [{ change: { op: { from: 2, to: 3 } } }] },
    ]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(bench.targets.calls.observe).toBe(1);
    expect(await events()).toEqual(['admitted', 'applying', 'applied']);
  });

  test('plans anew when somebody else was there between the look and the change', async () => {
    bench = startBench({ playbooks: [scaleUp], fenced: true });
    bench.targets.add('web', 2);
    let isFirst = true;
    bench.targets.duringApply(async () => {
      if (isFirst) bench.targets.setSize('web', 5);
      isFirst = false;
    });
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual([]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 5 → 6']);
  });

  test('plans by itself where there is no place to work on it now', async () => {
    bench = startBench({ playbooks: [scaleUp], fenced: true });
    bench.targets.add('web', 2);
    bench.use(bench.another({ place: () => null }));
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(bench.targets.calls.observe).toBe(2);
  });

  test('gives its place back when a guard holds it, or Redis does not take it', async () => {
    const places: string[] = [];
    const place = (): Place => ({
      take: () => void places.push('taken'),
      leave: () => void places.push('left'),
    });
    bench = startBench({ playbooks: [scaleUp], fenced: true });
    bench.targets.add('web', 2);
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a test', forMs: null });
    await bench.another({ place }).take(bench.notification([{ labels: slow }]));
    expect(places).toEqual(['left']);

    const ledger = {
      ...bench.ledger,
      commit: async (transaction: Parameters<typeof bench.ledger.commit>[0]) => {
        if (JSON.stringify(transaction.writes).includes('admitted')) throw new Error('away');
        return bench.ledger.commit(transaction);
      },
    };
    const other = bench.notification([{ labels: { ...slow, host: 'b' } }]);
    await expect(bench.another({ place, ledger }).take(other)).rejects.toThrow('away');
    expect(places).toEqual(['left', 'left']);
    expect(bench.targets.effects).toEqual([]);
  });

  test('is sent at once also where its admission was sent twice, since the connection was lost', async () => {
    bench = startBench({ playbooks: [scaleUp], fenced: true });
    bench.targets.add('web', 2);
    const ledger = {
      ...bench.ledger,
      commit: async (transaction: Parameters<typeof bench.ledger.commit>[0]) => {
        const result = await bench.ledger.commit(transaction);
        const isAdmission = JSON.stringify(transaction.writes).includes('admitted');
        return isAdmission ? bench.ledger.commit(transaction) : result;
      },
    };
    bench.use(bench.another({ ledger }));
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toHaveLength(1);
    expect(await bench.episode(slow)).toMatchObject({ deliveries: 1 });
  });

  test('is one, with one effect, however many engines take in the alert at the same time', async () => {
    bench = startBench({ playbooks: [scaleUp], fenced: true });
    bench.targets.add('web', 2);
    bench.use(...Array.from({ length: 4 }, () => bench.another()));
    await bench.take([{ labels: slow }]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(bench.targets.calls.apply).toBe(1);
    expect(await bench.runs()).toHaveLength(1);
  });
});

test('a target that does not tell its version is read anew under its lock', async () => {
  bench = startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
  await bench.take([{ labels: slow }]);
  expect(bench.targets.calls.observe).toBe(2);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
});

describe('a run of what cannot be looked at', () => {
  async function startCalling(): Promise<void> {
    bench = startBench({ playbooks: [calling(scaleUp)] });
    bench.targets.add('web', 2);
    bench.targets.add('api', 2);
  }

  test('is opened, decided, admitted and begun in one transaction', async () => {
    await startCalling();
    const commits: string[] = [];
    const ledger = {
      ...bench.ledger,
      commit: async (transaction: Parameters<typeof bench.ledger.commit>[0]) => {
        if (bench.targets.calls.apply === 0) commits.push(JSON.stringify(transaction.writes));
        return bench.ledger.commit(transaction);
      },
    };
    bench.use(bench.another({ ledger }));
    await bench.take([{ labels: slow }]);
    expect(commits).toHaveLength(1);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(slow)).toMatchObject({ deliveries: 1, spent: ['scale-up'] });
    expect((await bench.audited('episode')).map(({ event }) => event)).toEqual(['opened']);
  });

  test('is joined by alerts of the same inputs that arrive with it', async () => {
    await startCalling();
    const hosts = ['a', 'b', 'c'].map((host) => ({ labels: { ...slow, host } }));
    await bench.take(hosts);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toHaveLength(1);
    for (const { labels } of hosts)
      expect((await bench.episode(labels)).spent).toEqual(['scale-up']);
  });

  test('is over before an alert of the same inputs that arrived with it comes to join: that one gets its own', async () => {
    await startCalling();
    let working = Promise.resolve();
    const place = (): Place => ({
      take: (work) => {
        working = work();
      },
      leave: () => {},
    });
    const ledger = {
      ...bench.ledger,
      commit: async (transaction: Parameters<typeof bench.ledger.commit>[0]) => {
        if (/event\W+joined/.test(JSON.stringify(transaction.writes))) await working;
        return bench.ledger.commit(transaction);
      },
    };
    bench.targets.failNext('apply', new TargetError('invalid', 'refused'));
    bench.use(bench.another({ place, ledger }));
    await bench.take(['a', 'b'].map((host) => ({ labels: { ...slow, host } })));
    await working;
    const reasons = (await bench.runs()).map(({ outcome }) => outcome?.reason);
    expect(new Set(reasons)).toEqual(new Set(['rejected', undefined]));
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is taken in once where the breaker of a second playbook is open, and that one asked about', async () => {
    const second = scaleUp.replace('name: scale-up', 'name: scale-more').replace('by: 1', 'by: 2');
    bench = startBench({ playbooks: [`${scaleUp}continue: true\n`, second].map(calling) });
    bench.targets.add('web', 2);
    await bench.ledger.redis.hset(bench.ledger.keys.breakers, 'scale-more', '{}');
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(slow)).toMatchObject({
      deliveries: 1,
      verdicts: [
        { playbook: 'scale-up', fate: 'run', reason: 'matched' },
        { playbook: 'scale-more', fate: 'run', reason: 'breaker' },
      ],
    });
  });

  test('is asked about where its breaker is open, although that is not read at first', async () => {
    await startCalling();
    await bench.ledger.redis.hset(bench.ledger.keys.breakers, 'scale-up', '{}');
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual([]);
    expect((await bench.escalations()).map(({ value }) => value.reason)).toEqual(['breaker']);
    expect(await bench.episode(slow)).toMatchObject({ deliveries: 1 });
  });

  test('is held with its alert written down where a guard is in the way', async () => {
    await startCalling();
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a test', forMs: null });
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual([]);
    expect(await bench.episode(slow)).toMatchObject({
      deliveries: 1,
      verdicts: [{ fate: 'held', reason: 'paused' }],
    });
  });

  test('an alert whose decision fails by its own fault is written down all the same', async () => {
    await startCalling();
    bench.targets.failNext('observe', new Error('a fault of ours'));
    bench.targets.failNext('observe', new Error('a fault of ours'));
    const taking = bench.engine.take(bench.notification([{ labels: slow }]));
    await expect(taking).rejects.toThrow('a fault of ours');
    expect(await bench.episode(slow)).toMatchObject({ state: 'open', verdicts: [] });
  });
});
