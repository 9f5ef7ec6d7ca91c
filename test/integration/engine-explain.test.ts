import { afterEach, describe, expect, test } from 'vitest';
import type { Labels } from '../../src/alertmanager/alert.js';
import { readGivenAlerts } from '../../src/alertmanager/given-alerts.js';
import { explainAlerts } from '../../src/engine/explain/explain.js';
import type { Explanation } from '../../src/engine/explain/explanation.js';
import { dumpKeys } from '../support/dump.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

/* What an explanation says is what the engine then does; and asking changes nothing. */

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };

async function start(...[playbooks = [scaleUp], policy]: [string[]?, string?]): Promise<void> {
  bench = await startBench({ playbooks, ...(policy === undefined ? {} : { policy }) });
  for (const name of ['web', 'api']) bench.targets.add(name, 2);
}

/** Explains an alert, and sees to it that neither the ledger nor a target is any other afterwards. */
async function explain(
  given: unknown = slow,
  { playbook, all = false }: { playbook?: string; all?: boolean } = {},
): Promise<Explanation> {
  const before = await dumpKeys(bench.redis, `{${bench.cell}}`);
  const effects = [...bench.targets.effects];
  const applied = bench.targets.calls.apply;
  const wakes = [...bench.wakes];
  const alerts = readGivenAlerts(given, bench.clock.now());
  const [explanation] = await explainAlerts(bench.context(), { alerts, playbook, all });
  expect(await dumpKeys(bench.redis, `{${bench.cell}}`)).toEqual(before);
  expect(bench.targets.effects).toEqual(effects);
  expect(bench.targets.calls.apply).toBe(applied);
  expect(bench.wakes).toEqual(wakes);
  if (explanation === undefined) throw new Error('nothing was explained');
  return explanation;
}

/** What the engine makes of the alert in earnest, as far as a forecast says it. */
async function inEarnest(labels: Labels = slow) {
  await bench.engine.take(bench.notification([{ labels }]));
  const { verdicts } = await bench.episode(labels);
  return verdicts.map(({ playbook, fate, reason, detail, untilMs }) => ({
    playbook,
    fate,
    reason,
    ...(fate === 'held' ? { detail, untilMs } : {}),
  }));
}

const predictions = ({ forecasts }: Explanation) =>
  forecasts.map(({ playbook, fate, reason, detail, againAtMs }) => ({
    playbook,
    fate: fate === 'ask' || fate === 'join' ? 'run' : fate,
    reason,
    ...(fate === 'held' ? { detail, untilMs: againAtMs } : {}),
  }));

const cooling = scaleUp.replace('cooldown: 0', 'cooldown: 10m');
const approving = scaleUp.replace('mode: auto', 'mode: approve');
const night = `windows: [{ name: night, time_intervals: [{ times: [{ start_time: "00:00", end_time: "00:10" }] }] }]`;
const paused = { by: 'ada', why: 'release' };

/** Everything that decides differently, set up. */
const situations: [string, () => Promise<void>][] = [
  ['nothing in the way', () => start()],
  ['no playbook that matches', () => start([scaleUp.replace('"Slow"', '"Fast"')])],
  ['a playbook that asks first', () => start([approving])],
  [
    'a playbook that ignores',
    () => start(['name: n\nsummary: S.\nmatch: service="web"\nignore: true']),
  ],
  ['an expression that fails', () => start([scaleUp.replace('labels.service', 'labels.gone')])],
  [
    'a target that there is not',
    async () => {
      await start();
      bench.targets.remove('web');
    },
  ],
  ['no bounds', () => start([scaleUp.replace(', max: 8', '')])],
  [
    'a target at its bound',
    async () => {
      await start();
      bench.targets.setSize('web', 8);
    },
  ],
  [
    'a pause that ends',
    async () => {
      await start();
      await bench.pauses.set({ of: 'target', name: 'web' }, { ...paused, forMs: 5_000 });
    },
  ],
  [
    'a pause of a direction, and one of everything',
    async () => {
      await start();
      await bench.pauses.set({ of: 'direction', name: 'up' }, { ...paused, forMs: null });
      await bench.pauses.set({ of: 'everything' }, { ...paused, forMs: 90 * minute });
    },
  ],
  [
    'two pauses, of which admission meets the shorter one',
    async () => {
      await start();
      await bench.pauses.set({ of: 'everything' }, { ...paused, forMs: 5_000 });
      await bench.pauses.set({ of: 'target', name: 'web' }, { ...paused, forMs: 20_000 });
    },
  ],
  [
    'a short pause before a blast radius that it would exceed',
    async () => {
      await start([scaleUp], 'blast_radius: { targets: 1 per 10m }');
      await bench.take([{ labels: { ...slow, service: 'api' } }]);
      await bench.pauses.set({ of: 'target', name: 'web' }, { ...paused, forMs: 5_000 });
    },
  ],
  [
    'a run with the same inputs that nobody joins any more, and a cooldown',
    async () => {
      await start([cooling]);
      await bench.take([{ labels: { ...slow, instance: 'a' } }]);
    },
  ],
  ['a window', () => start([scaleUp], night)],
  [
    'a cooldown',
    async () => {
      await start([cooling]);
      await bench.redis.set(bench.ledger.keys.changed('test.service/web'), bench.clock.now() - 1);
    },
  ],
  [
    'a limit of the fleet',
    async () => {
      await start([scaleUp], 'limits: { fleet: [1 per 1h] }\nescalate: { after: 2h }');
      await bench.take([{ labels: { ...slow, service: 'api' } }]);
    },
  ],
  [
    'a run of another playbook on the target',
    async () => {
      await start([scaleUp, scaleUp.replaceAll('scale-up', 'other').replace('"Slow"', '"Other"')]);
      await bench.take([{ labels: { ...slow, alertname: 'Other' } }]);
    },
  ],
  [
    'a run that it joins',
    async () => {
      await start([scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2')]);
      await bench.take([{ labels: { ...slow, instance: 'a' } }]);
    },
  ],
  [
    'a run with the same inputs that nobody joins any more',
    async () => {
      await start();
      await bench.take([{ labels: { ...slow, instance: 'a' } }]);
    },
  ],
  [
    'a blast radius that was exceeded',
    async () => {
      await start([scaleUp], 'blast_radius: { targets: 1 per 10m }');
      await bench.take([{ labels: { ...slow, service: 'api' } }]);
      bench.targets.add('db', 2);
      await bench.take([{ labels: { ...slow, service: 'db' } }]);
    },
  ],
  [
    'a fleet whose size is not known',
    () => start([scaleUp], 'blast_radius: { targets: 5 per 10m, share: 10% }'),
  ],
  ['a watchdog', () => start([scaleUp], 'watchdog: { match: alertname = "Slow", after: 5m }')],
];

test.each(situations)('with %s it says what the engine then does', async (_, prepare) => {
  await prepare();
  const explanation = await explain();
  const settings =
    explanation.own === null
      ? predictions(explanation)
      : [{ playbook: null, fate: explanation.own.fate, reason: explanation.own.reason }];
  expect(await inEarnest()).toEqual(settings);
});

test('it tells all that is in the way, each with when it lifts, and the plan on the target as it is', async () => {
  await start([cooling.replace('settle: 2m', 'settle: 2m\n    repeat: 3')], night);
  const nowMs = bench.clock.now();
  await bench.pauses.set({ of: 'everything' }, { ...paused, forMs: null });
  await bench.pauses.set({ of: 'playbook', name: 'scale-up' }, { ...paused, forMs: minute });
  await bench.redis.set(bench.ledger.keys.changed('test.service/web'), nowMs);
  bench.targets.setSize('web', 7);
  const { forecasts } = await explain();
  const [forecast] = forecasts;
  expect(forecast?.heldBy.map(({ reason, liftsAtMs }) => [reason, liftsAtMs])).toEqual([
    ['paused', null],
    ['paused', nowMs + minute],
    ['cooldown', nowMs + 10 * minute],
    ['window', nowMs + 10 * minute],
  ]);
  expect(forecast?.steps).toMatchObject([
    { action: 'test.scale', target: 'web', from: 7, operations: [{ to: 8 }], unit: 'replicas' },
  ]);
  expect(forecast?.steps[0]?.detail).toContain('its max is 8');
});

test('a blast radius that it would exceed is told, and does not trip by being asked', async () => {
  await start([cooling], 'blast_radius: { targets: 1 per 10m }');
  await bench.take([{ labels: { ...slow, service: 'api' } }]);
  await bench.redis.set(bench.ledger.keys.changed('test.service/web'), bench.clock.now());
  const { forecasts } = await explain();
  expect(forecasts[0]?.heldBy.map(({ reason }) => reason)).toEqual(['cooldown', 'blast_radius']);
  expect(forecasts[0]?.heldBy[1]).toMatchObject({
    detail: expect.stringContaining('this would be'),
  });
  expect(forecasts[0]).toMatchObject({ fate: 'held', reason: 'cooldown' });
  expect(await bench.resets.tripped()).toBeNull();
});

test('a playbook that asks is told with what it would ask, and what would hold it after a yes', async () => {
  await start([approving.replace('cooldown: 0', 'cooldown: 10m')], night);
  await bench.redis.set(bench.ledger.keys.changed('test.service/web'), bench.clock.now());
  const { forecasts } = await explain();
  expect(forecasts).toMatchObject([
    {
      fate: 'ask',
      reason: 'approval',
      steps: [{ from: 2, operations: [{ to: 3 }] }],
      heldBy: [{ reason: 'cooldown' }],
    },
  ]);
});

test('an open breaker makes it ask', async () => {
  await start();
  await bench.redis.hset(bench.ledger.keys.breakers, 'scale-up', '{}');
  const explanation = await explain();
  expect(explanation.forecasts).toMatchObject([{ fate: 'ask', reason: 'breaker' }]);
  expect(await inEarnest()).toEqual(predictions(explanation));
});

test('a playbook in shadow is told with what it would do, and does not keep the next from acting', async () => {
  const shadow = scaleUp
    .replace('scale-up', 'trial')
    .replace('auto', 'shadow')
    .replace('by: 1', 'by: 3');
  await start([shadow, scaleUp]);
  const { forecasts } = await explain();
  expect(forecasts).toMatchObject([
    { playbook: 'trial', shadow: true, fate: 'run', steps: [{ from: 2, operations: [{ to: 5 }] }] },
    {
      playbook: 'scale-up',
      shadow: false,
      fate: 'run',
      steps: [{ from: 2, operations: [{ to: 3 }] }],
    },
  ]);
});

test('of two playbooks for one target the second waits for the run of the first', async () => {
  const first = scaleUp.replace('mode: auto', 'mode: auto\ncontinue: true');
  await start([first, scaleUp.replace('name: scale-up', 'name: second')]);
  const explanation = await explain();
  expect(
    explanation.forecasts.map(({ playbook, fate, reason }) => [playbook, fate, reason]),
  ).toEqual([
    ['scale-up', 'run', 'matched'],
    ['second', 'held', 'target_busy'],
  ]);
  expect((await inEarnest()).map(({ fate, reason }) => [fate, reason])).toEqual([
    ['run', 'matched'],
    ['held', 'target_busy'],
  ]);
});

test('for an alert that needs nobody no playbook is asked and no target is read', async () => {
  const shadow = scaleUp.replace('scale-up', 'trial').replace('auto', 'shadow');
  await start([shadow, scaleUp], 'watchdog: { match: alertname = "Slow", after: 5m }');
  const { own, forecasts } = await explain();
  expect(own).toMatchObject({ fate: 'ignored' });
  expect(forecasts).toEqual([]);
  expect(bench.targets.calls.observe).toBe(0);
});

test('a target that cannot be read is said, and no plan is guessed', async () => {
  await start();
  bench.targets.failNext('observe', 'unavailable');
  const { forecasts } = await explain();
  expect(forecasts).toMatchObject([
    {
      fate: 'held',
      reason: 'target_unavailable',
      detail: expect.stringContaining('scripted'),
      steps: [],
    },
  ]);
});

describe('an alert that is known', () => {
  test('is told with its verdicts, its run and what that did; nothing is done for it twice', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    const { forecasts, episode } = await explain();
    const [run] = await bench.runs();
    expect(forecasts).toMatchObject([{ playbook: 'scale-up', fate: 'decided', runId: run?.id }]);
    expect(episode).toMatchObject({
      state: 'open',
      delivery: 'repeated',
      verdicts: [{ playbook: 'scale-up', fate: 'run' }],
      runs: [
        { id: run?.id, state: 'settling', attempts: [{ change: { op: { from: 2, to: 3 } } }] },
      ],
    });
  });

  test('is told with whom it was handed to', async () => {
    await start([scaleUp.replace('"Slow"', '"Fast"')]);
    await bench.take([{ labels: slow }]);
    const { forecasts, episode } = await explain();
    expect(forecasts).toMatchObject([{ playbook: null, fate: 'decided', reason: 'no_match' }]);
    expect(episode?.escalations).toMatchObject([
      { kind: 'unmatched', state: 'open', answer: null },
    ]);
  });

  test('that is held waits for its time, also where nothing is in the way any more', async () => {
    await start([cooling]);
    await bench.redis.set(bench.ledger.keys.changed('test.service/web'), bench.clock.now());
    await bench.take([{ labels: slow }]);
    const [{ untilMs } = {}] = (await bench.episode(slow)).verdicts;
    expect((await explain()).forecasts).toMatchObject([{ fate: 'held', againAtMs: untilMs }]);
    await bench.redis.del(bench.ledger.keys.changed('test.service/web'));
    expect((await explain()).forecasts).toMatchObject([{ fate: 'run', againAtMs: untilMs }]);
  });

  test('that is muted waits until it no longer is', async () => {
    await start([cooling]);
    await bench.redis.set(bench.ledger.keys.changed('test.service/web'), bench.clock.now());
    await bench.take([{ labels: slow }]);
    const { identity } = await bench.episode(slow);
    await bench.redis.sadd(bench.ledger.keys.muted, identity);
    const { own, episode } = await explain();
    expect(own).toMatchObject({ fate: 'held', reason: 'muted' });
    expect(episode?.muted).toBe(true);
  });

  test('that has ended is told as it was, and a delivery now would be a new one', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    bench.clock.advance(minute);
    await bench.take([{ labels: slow, resolved: true }]);
    bench.clock.advance(minute);
    const { forecasts, episode } = await explain();
    expect(episode).toMatchObject({
      state: 'closed',
      delivery: 'opened',
      runs: [{ state: 'ended' }],
    });
    expect(forecasts).toMatchObject([
      { fate: 'run', steps: [{ from: 3, operations: [{ to: 4 }] }] },
    ]);
  });

  test('that is given with its old start is the same one, and its playbook is spent', async () => {
    await start();
    const startsAtMs = bench.clock.now();
    await bench.take([{ labels: slow }]);
    bench.clock.advance(minute);
    await bench.take([{ labels: slow, resolved: true }]);
    const given = { labels: slow, startsAt: new Date(startsAtMs).toISOString(), status: 'firing' };
    const { forecasts, episode } = await explain(given);
    expect(episode?.delivery).toBe('reopened');
    expect(forecasts).toMatchObject([{ fate: 'held', reason: 'already_run' }]);
  });

  test('that was not heard of for long, and fires anew, is a new one', async () => {
    await start([scaleUp], 'alertmanager: { stale_after: 1h }');
    await bench.take([{ labels: slow }]);
    bench.clock.advance(120 * minute);
    const explanation = await explain();
    expect(explanation.episode?.delivery).toBe('forgotten');
    expect(explanation.forecasts[0]?.fate).not.toBe('decided');
  });
});

test('several alerts are explained each by itself, and a target is read once', async () => {
  await start();
  const alerts = readGivenAlerts([slow, { ...slow, instance: 'b' }], bench.clock.now());
  const { observe } = bench.targets.calls;
  const explanations = await explainAlerts(bench.context(), { alerts, all: false });
  expect(explanations.map(({ forecasts }) => forecasts[0]?.fate)).toEqual(['run', 'run']);
  expect(bench.targets.calls.observe - observe).toBe(1);
});

test('of many playbooks those that match and the nearest are shown, or all, or the one that is named', async () => {
  const others = Array.from({ length: 30 }, (_, index) =>
    scaleUp
      .replace('name: scale-up', `name: other-${index}`)
      .replace('"Slow"', `"Slow", team = "${index}"`),
  );
  await start([...others, scaleUp]);
  const shown = await explain();
  expect([shown.total, shown.playbooks.length, shown.playbooks[0]?.playbook]).toEqual([
    31,
    11,
    'scale-up',
  ]);
  expect((await explain(slow, { all: true })).playbooks).toHaveLength(31);
  expect((await explain(slow, { playbook: 'other-7' })).playbooks).toMatchObject([
    { playbook: 'other-7', standing: 'misses', missed: 1, shared: 1 },
  ]);
  await expect(explain(slow, { playbook: 'other-x' })).rejects.toThrow('did you mean');
  await expect(explain([slow, slow], { all: true })).rejects.toThrow('expected one alert');
});

test('guards that cannot be asked let nothing through', async () => {
  await start();
  await bench.redis.set(bench.ledger.keys.pauses, 'no hash');
  const alerts = readGivenAlerts(slow, bench.clock.now());
  await expect(explainAlerts(bench.context(), { alerts, all: false })).rejects.toThrow('WRONGTYPE');
});

describe('where an alert comes from', () => {
  const call = { ...slow, command: 'jenkins' };
  const forCalls = scaleUp.replace('match:', 'source: jenkins\nmatch:');
  const takers = ({ playbooks }: Explanation) =>
    playbooks.filter(({ standing }) => standing === 'takes').map(({ playbook }) => playbook);

  test('is Alertmanager unless it is said, or the ledger knows it', async () => {
    await start([forCalls]);
    expect(takers(await explain(call))).toEqual([]);
    expect((await explain(call)).playbooks[0]?.clauses[0]).toMatchObject({
      clause: 'source: jenkins',
      actual: 'alertmanager',
      outcome: 'missed',
    });
    await bench.engine.take({ ...bench.notification([{ labels: call }]), source: 'jenkins' });
    const known = await explain(call);
    expect(known).toMatchObject({ source: 'jenkins', episode: { state: 'open' } });
    expect(takers(known)).toEqual(['scale-up']);
  });

  test('and the labels of its route are those of the ledger, unless they are given', async () => {
    await start([scaleUp.replace('mode: auto', 'when: \'"team" in route\'\nmode: auto')]);
    const { notification, ...received } = bench.notification([{ labels: slow }]);
    expect(takers(await explain())).toEqual([]);
    const routed = { ...notification, routeLabels: { team: 'shop' } };
    await bench.engine.take({ ...received, notification: routed });
    expect(takers(await explain())).toEqual(['scale-up']);
    expect(takers(await explain({ ...notification, routeLabels: {} }))).toEqual([]);
  });
});
