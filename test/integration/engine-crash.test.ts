import { afterEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import type { StatName } from '../../src/ledger/playbook-stats.js';
import { readPlaybookStats } from '../../src/ledger/playbook-stats-reads.js';
import { type Bench, scaleUp, startBench, type TestAlert } from '../support/engine.js';
import { untilPasses } from '../support/eventually.js';

let bench: Bench | undefined;
afterEach(async () => {
  await bench?.stop();
  bench = undefined;
});

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };

/** At its n-th commit, before or after Redis has it; or when it would wake somebody for the n-th time. */
type Moment = 'before a commit' | 'after a commit' | 'at a wake';

class Death extends Error {}

/** An engine that dies at a certain moment and does nothing after it; `alive` says whether it got that far. */
function mortal(
  bench: Bench,
  moment: Moment,
  at: number,
): { engine: Engine; alive: () => boolean } {
  let count = 0;
  let dead = false;
  const reached = () => {
    count += 1;
    dead = count === at;
    return dead;
  };
  const ledger: Ledger = {
    ...bench.ledger,
    async commit(transaction) {
      if (dead || (moment === 'before a commit' && reached())) throw new Death();
      const result = await bench.ledger.commit(transaction);
      if (moment === 'after a commit' && reached()) throw new Death();
      return result;
    },
  };
  const wake = async (item: string, atMs: number) => {
    if (dead || (moment === 'at a wake' && reached())) throw new Death();
    await bench.wake(item, atMs);
  };
  return { engine: bench.another({ ledger, wake }), alive: () => !dead };
}

interface Scenario {
  readonly playbook: string;
  /** What happens, one after the other; time passes in between. */
  readonly events: readonly (TestAlert | 'approve')[];
  /** Its target refuses what is out of date, so that it begins with its admission. */
  readonly fenced?: true;
  /** Services besides `web`. */
  readonly others?: readonly string[];
  readonly effects: readonly string[];
  /** Of its run; `null`: there is none. */
  readonly outcome: { readonly kind: string; readonly reason: string } | null;
  /** What people were told, and what became of that. */
  readonly told: readonly string[];
  /** What is counted of the playbook in the end. */
  readonly counted: Readonly<Partial<Record<StatName, number>>>;
}

const settled = scaleUp.replace('settle: 2m', 'settle: 10m');
const scenarios: Record<string, Scenario> = {
  'a run that helps': {
    playbook: settled,
    events: [{ labels: slow }, { labels: slow, resolved: true }],
    effects: ['web: 2 → 3'],
    outcome: { kind: 'done', reason: 'resolved' },
    told: [],
    counted: { helped: 1 },
  },
  'a run that is admitted and begun in one': {
    playbook: settled,
    events: [{ labels: slow }, { labels: slow, resolved: true }],
    fenced: true,
    effects: ['web: 2 → 3'],
    outcome: { kind: 'done', reason: 'resolved' },
    told: [],
    counted: { helped: 1 },
  },
  'an alert that no playbook takes': {
    playbook: settled.replace('"Slow"', '"Other"'),
    events: [{ labels: slow }, { labels: slow, resolved: true }],
    effects: [],
    outcome: null,
    told: ['no_match withdrawn'],
    counted: {},
  },
  'a run that a person approves': {
    playbook: settled.replace('mode: auto', 'mode: approve'),
    events: [{ labels: slow }, 'approve', { labels: slow, resolved: true }],
    effects: ['web: 2 → 3'],
    outcome: { kind: 'done', reason: 'resolved' },
    told: ['approval answered'],
    counted: { asked: 1, approved: 1, helped: 1 },
  },
  'a run that waits for a person until the alert resolves': {
    playbook: settled.replace('mode: auto', 'mode: approve'),
    events: [{ labels: slow }, { labels: slow, resolved: true }],
    effects: [],
    outcome: { kind: 'withdrawn', reason: 'resolved' },
    told: ['approval withdrawn'],
    counted: { asked: 1, nothing_done: 1 },
  },
  'a run that waits for a person in vain': {
    playbook: settled.replace('mode: auto', 'mode: approve'),
    events: [{ labels: slow }],
    effects: [],
    outcome: { kind: 'failed', reason: 'expired' },
    told: ['approval expired', 'expired open'],
    counted: { asked: 1, expired: 1 },
  },
  'a run that helps nothing and puts it back': {
    playbook: scaleUp.replace('settle: 2m', 'settle: 1m\n    repeat: 2\n    undo: true'),
    events: [{ labels: slow }],
    effects: ['web: 2 → 3', 'web: 3 → 4', 'web: 4 → 2'],
    outcome: { kind: 'failed', reason: 'exhausted' },
    told: ['exhausted open'],
    counted: { failed: 1, undone: 1 },
  },
  'a run that takes several changes': {
    playbook: settled.replace('test.scale:', 'test.spread:'),
    events: [{ labels: slow }, { labels: slow, resolved: true }],
    others: ['api'],
    effects: ['web: 2 → 3', 'api: 1 → 2'],
    outcome: { kind: 'done', reason: 'resolved' },
    told: [],
    counted: { helped: 1 },
  },
};

/** What is counted of the playbook, without zeros and times. */
async function counted({ ledger, clock }: Bench) {
  const at = { days: 1, nowMs: clock.now() };
  const [evidence] = await readPlaybookStats(ledger, ['scale-up'], at);
  const found = Object.entries(evidence?.total ?? {});
  return Object.fromEntries(found.filter(([name, count]) => count > 0 && !name.startsWith('took')));
}

/** Plays a scenario with an engine that dies on the way; `false` if it came to the end alive. */
async function play(scenario: Scenario, moment: Moment, at: number): Promise<boolean> {
  const present = await startBench({
    playbooks: [scenario.playbook],
    fenced: scenario.fenced ?? false,
  });
  bench = present;
  const { targets } = present;
  targets.add('web', 2, { afterMs: 3_000 });
  for (const name of scenario.others ?? []) targets.add(name, 1, { afterMs: 3_000 });
  const { engine, alive } = mortal(present, moment, at);
  present.use(engine);

  /** Does it; if the engine dies over it another one takes its place, and the queue delivers it again. */
  async function survive(deed: () => Promise<void>): Promise<void> {
    try {
      await deed();
    } catch (error) {
      if (!(error instanceof Death)) throw error;
      present.wakes.length = 0;
      present.use(present.another());
      await deed();
    }
  }

  for (const event of scenario.events) {
    if (event === 'approve') {
      const [question] = await present.escalations();
      await present.answer(question?.value.id ?? '', 'approve');
    } else {
      const received = present.notification([event]);
      await survive(() => present.engine.take(received));
    }
    await survive(() => present.pass(minute));
    await survive(() => present.pass(2 * minute));
  }
  await survive(() => present.pass(90 * minute));

  const where = `${moment} ${at}`;
  expect(targets.effects, where).toEqual(scenario.effects);
  expect(targets.calls.apply, where).toBe(scenario.effects.length);
  const { outcome } = scenario;
  expect(await present.runs(), where).toMatchObject(
    outcome === null ? [] : [{ state: 'ended', outcome }],
  );
  const told = (await present.escalations()).map(({ value }) => `${value.reason} ${value.state}`);
  expect(told, where).toEqual(scenario.told);
  expect(await counted(present), where).toEqual(scenario.counted);
  const left = (await present.ledger.due(Number.MAX_SAFE_INTEGER, 100)).map(({ item }) => item);
  expect(
    left.filter((item) => !item.startsWith('message:')),
    where,
  ).toEqual([]);
  expect(await present.redis.keys(`{${present.cell}}:ledger:lock:*`), where).toEqual([]);
  await present.stop();
  bench = undefined;
  return !alive();
}

describe.each(Object.entries(scenarios))('%s', (_, scenario) => {
  test.each<Moment>(['before a commit', 'after a commit', 'at a wake'])(
    'ends as it should, each effect exactly once, whenever its engine dies (%s)',
    async (moment) => {
      let deaths = 0;
      while (await play(scenario, moment, deaths + 1)) deaths += 1;
      expect(deaths).toBeGreaterThan(3);
    },
  );
});

test('without a single wake the schedule alone moves everything', async () => {
  bench = await startBench({ playbooks: [settled] });
  const { targets } = bench;
  targets.add('web', 2, { afterMs: 3_000 });
  const swept: string[] = [];
  const deaf = bench.another({ wake: async () => {} });
  const sweeper = bench.another({ wake: async (item) => void swept.push(item) });
  const sweepFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 2_000) {
      bench?.clock.advance(2_000);
      await sweeper.sweep();
      for (const item of swept.splice(0)) {
        if (!item.startsWith('message:')) await deaf.look(item);
      }
    }
  };
  await deaf.take(bench.notification([{ labels: slow }]));
  await sweepFor(minute);
  expect(targets.effects).toEqual(['web: 2 → 3']);
  await deaf.take(bench.notification([{ labels: slow, resolved: true }]));
  await sweepFor(minute);
  expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
});

describe('an engine that dies between the verdicts of two playbooks', () => {
  const second = scaleUp
    .replace('name: scale-up', 'name: second')
    .replace('labels.service', "'api'");
  const first = scaleUp.replace('name: scale-up', 'name: first\ncontinue: true');

  /** Dies right after the first commit that writes this word. */
  async function dieAfter(word: string, one: Bench): Promise<void> {
    one.targets.add('web', 2);
    one.targets.add('api', 2);
    let dead = false;
    const ledger: Ledger = {
      ...one.ledger,
      async commit(transaction) {
        if (dead) throw new Death();
        const result = await one.ledger.commit(transaction);
        dead = JSON.stringify(transaction.writes).includes(word);
        if (dead) throw new Death();
        return result;
      },
    };
    const taking = one.another({ ledger }).take(one.notification([{ labels: slow }]));
    await expect(taking).rejects.toThrow(Death);
    expect(dead).toBe(true);
  }

  test('leaves the second to another one', async () => {
    bench = await startBench({ playbooks: [first, second] });
    await dieAfter('admitted', bench);
    await bench.pass(minute);
    expect(bench.targets.effects.sort()).toEqual(['api: 2 → 3', 'web: 2 → 3']);
  });

  test('does not have it wait until the hold of the first lifts', async () => {
    const cooled = first.replace('cooldown: 0', 'cooldown: 1h');
    bench = await startBench({ playbooks: [cooled, second] });
    await bench.redis.set(bench.ledger.keys.changed('test.service/web'), bench.clock.now());
    await dieAfter('"held', bench);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['api: 2 → 3']);
  });
});

test('an alert that is written down and not decided is on the schedule', async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  const { targets } = bench;
  targets.add('web', 2);
  const hangs = { ...targets.action, observe: () => new Promise<never>(() => {}) };
  const engine = bench.another({ actions: new Map([['test.scale', hangs]]) });
  void engine.take(bench.notification([{ labels: slow }]));
  await untilPasses(async () => {
    expect(await bench?.episode(slow)).toMatchObject({ state: 'open', deliveries: 1 });
  });
  await bench.pass(10_000);
  expect(targets.effects).toEqual(['web: 2 → 3']);
});
