import { afterEach, describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const full = { alertname: 'Full', service: 'web' };
const idle = { alertname: 'Idle', service: 'web' };

const scaleFull = scaleUp.replace('name: scale-up', 'name: scale-full').replace('"Slow"', '"Full"');
const scaleDown = scaleUp
  .replace('name: scale-up', 'name: scale-down')
  .replace('"Slow"', '"Idle"')
  .replace('by: 1, max: 8', 'by: -1, min: 1');
const guarded = (playbook: string, guards: string) =>
  playbook.replace('guards: { cooldown: 0 }', `guards: { ${guards} }`);

async function start(playbooks: string[], policy?: string): Promise<Bench> {
  bench = await startBench({ playbooks, ...(policy === undefined ? {} : { policy }) });
  for (const name of ['web', 'api', 'db']) bench.targets.add(name, 2);
  return bench;
}

describe('alerts with the same playbook and inputs', () => {
  const a = { ...slow, instance: 'a' };
  const b = { ...slow, instance: 'b' };

  test('share one run and one effect, and the run is done when all of them resolved', async () => {
    await start([scaleUp]);
    bench.targets.setConvergence('web', { afterMs: 5_000 });
    await bench.take([{ labels: a }, { labels: b }]);
    await bench.pass(10_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    const [run] = await bench.runs();
    for (const labels of [a, b]) {
      expect((await bench.episode(labels)).verdicts).toMatchObject([{ runId: run?.id }]);
    }
    await bench.take([{ labels: a, resolved: true }]);
    await bench.pass(minute);
    expect(await bench.runs()).toMatchObject([{ state: 'settling' }]);
    await bench.take([{ labels: b, resolved: true }]);
    expect(await bench.runs()).toMatchObject([{ outcome: { kind: 'done', reason: 'resolved' } }]);
  });

  test('join later too, which gives the run no more steps', async () => {
    await start([scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2')]);
    await bench.take([{ labels: a }]);
    await bench.pass(minute);
    await bench.take([{ labels: b }]);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.runs()).toMatchObject([{ outcome: { reason: 'exhausted' } }]);
  });

  test('that come after the last step are decided anew when the run has ended', async () => {
    await start([scaleUp]);
    await bench.take([{ labels: a }]);
    await bench.pass(minute);
    await bench.take([{ labels: b }]);
    expect((await bench.episode(b)).verdicts).toMatchObject([
      { fate: 'held', reason: 'target_busy' },
    ]);
    await bench.pass(2 * minute);
    expect(await bench.runs()).toMatchObject([
      { outcome: { reason: 'exhausted' } },
      { state: 'settling' },
    ]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('whose service is another one have a run of their own', async () => {
    await start([scaleUp]);
    await bench.take([{ labels: slow }, { labels: { ...slow, service: 'api' } }]);
    expect(bench.targets.effects.sort()).toEqual(['api: 2 → 3', 'web: 2 → 3']);
    expect(await bench.runs()).toHaveLength(2);
  });
});

describe('one run a target at a time', () => {
  test('another playbook is held while the target is busy, and acts after the run has ended', async () => {
    await start([scaleUp, scaleFull]);
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: full }]);
    const [run] = await bench.runs();
    expect((await bench.episode(full)).verdicts).toMatchObject([
      { fate: 'held', reason: 'target_busy', detail: `run ${run?.id} holds web` },
    ]);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(10_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect((await bench.episode(full)).verdicts).toMatchObject([{ fate: 'run' }]);
  });

  test('those that wait neither read the target nor fill the audit trail, and are woken when it is free', async () => {
    await start([scaleUp.replace('settle: 2m', 'settle: 14m'), scaleFull]);
    await bench.take([{ labels: slow }]);
    const waiting = Array.from({ length: 20 }, (_, index) => ({ ...full, instance: `${index}` }));
    await bench.take(waiting.map((labels) => ({ labels })));
    const reads = bench.targets.calls.observe;
    await bench.pass(13 * minute);
    expect(bench.targets.calls.observe).toBe(reads);
    const held = (await bench.audited('episode')).filter(({ event }) => event === 'held');
    expect(held).toHaveLength(waiting.length);
    await bench.take([{ labels: slow, resolved: true }]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    const runs = new Set<string | undefined>();
    for (const labels of waiting) {
      const { verdicts } = await bench.episode(labels);
      expect(verdicts).toMatchObject([{ fate: 'run' }]);
      runs.add(verdicts[0]?.runId);
    }
    expect(runs.size).toBe(1);
  });

  test('whoever was not woken looks again by itself', async () => {
    await start([scaleUp, scaleFull]);
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: full }]);
    const [run] = await bench.runs();
    const lost = bench.another({ wake: async () => {} });
    await lost.take(bench.notification([{ labels: slow, resolved: true }]));
    await lost.look(`case:${run?.caseId}`);
    await bench.pass(minute + 2_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('a held alert that resolves is not acted on any more', async () => {
    await start([scaleUp, scaleFull]);
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: full }]);
    await bench.take([{ labels: full, resolved: true }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(30 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toHaveLength(1);
  });
});

describe('a cooldown', () => {
  test('holds the same direction back, then lets it act', async () => {
    await start([scaleUp, guarded(scaleFull, 'cooldown: 10m')]);
    await bench.take([{ labels: slow }]);
    const changedAtMs = bench.clock.now();
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(minute);
    await bench.take([{ labels: full }]);
    expect((await bench.episode(full)).verdicts).toMatchObject([
      { fate: 'held', reason: 'cooldown', untilMs: changedAtMs + 10 * minute },
    ]);
    await bench.pass(9 * minute - 1_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.redis.zcard(bench.ledger.keys.held)).toBe(1);
    await bench.pass(2_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.redis.zcard(bench.ledger.keys.held)).toBe(0);
    expect(await bench.escalations()).toEqual([]);
  });

  test('covers the opposite direction, so that up does not chase down', async () => {
    await start([guarded(scaleUp, 'cooldown: 10m'), guarded(scaleDown, 'cooldown: 10m')]);
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: idle }]);
    await bench.pass(9 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.pass(2 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 2']);
  });
});

describe('a change that did not happen', () => {
  const rested = guarded(scaleFull, 'cooldown: 10m');

  test.each(['invalid', 'stale'] as const)('starts no cooldown (%s)', async (fault) => {
    await start([scaleUp, rested]);
    for (let count = 0; count < (fault === 'stale' ? 20 : 1); count += 1) {
      bench.targets.failNext('apply', fault);
    }
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(bench.targets.effects).toEqual([]);
    for (let count = 0; count < 20; count += 1) await bench.pass(1_000);
    await bench.take([{ labels: full }]);
    expect((await bench.episode(full)).verdicts).toMatchObject([{ fate: 'run' }]);
  });

  test('leaves the cooldown of the change before it', async () => {
    await start([scaleUp, rested]);
    await bench.take([{ labels: full }]);
    const changedAtMs = bench.clock.now();
    await bench.take([{ labels: full, resolved: true }]);
    await bench.pass(minute);
    bench.targets.failNext('apply', 'invalid');
    await bench.take([{ labels: slow }]);
    const again = { ...full, instance: 'b' };
    await bench.take([{ labels: again }]);
    expect((await bench.episode(again)).verdicts).toMatchObject([
      { reason: 'cooldown', untilMs: changedAtMs + 10 * minute },
    ]);
  });

  test('but may have, starts one', async () => {
    await start([scaleUp, rested]);
    bench.targets.failNext('apply', 'unknown');
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    bench.targets.setSize('web', 3);
    await bench.pass(minute);
    await bench.take([{ labels: full }]);
    expect((await bench.episode(full)).verdicts).toMatchObject([{ reason: 'cooldown' }]);
  });
});

test('a cooldown of two weeks lasts two weeks', async () => {
  await start([scaleUp, guarded(scaleFull, 'cooldown: 14d')]);
  await bench.take([{ labels: slow }]);
  const key = bench.ledger.keys.changed('test.service/web');
  expect(await bench.redis.pttl(key)).toBeGreaterThan(13 * 24 * 60 * minute);
});

describe('a limit', () => {
  const limited = guarded(scaleUp, 'cooldown: 0, limits: [1 per 1h]');

  test('holds a playbook on one target, not on others, until the first run leaves the window', async () => {
    await start([limited]);
    const startedAtMs = bench.clock.now();
    const again = { ...slow, instance: 'b' };
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: again }, { labels: { ...slow, service: 'api' } }]);
    expect((await bench.episode(again)).verdicts).toMatchObject([
      {
        reason: 'limit',
        detail: expect.stringMatching(
          /^scale-up on web has reached its limit of 1 run in 1h; the next run may start at /,
        ),
      },
    ]);
    await bench.pass(startedAtMs + 60 * minute - 1_000 - bench.clock.now());
    expect(bench.targets.effects.sort()).toEqual(['api: 2 → 3', 'web: 2 → 3']);
    await bench.pass(60_000);
    expect(bench.targets.effects).toContain('web: 3 → 4');
  });

  test('of the policy for each playbook counts all its targets, and no other playbook', async () => {
    await start([scaleUp, scaleDown], 'limits: { playbook: [1 per 1h, 9 per 1d] }');
    const second = { ...slow, service: 'api' };
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: second }, { labels: { ...idle, service: 'db' } }]);
    expect((await bench.episode(second)).verdicts).toMatchObject([
      {
        reason: 'limit',
        detail: expect.stringMatching(/^scale-up has reached its limit of 1 run in 1h; /),
      },
    ]);
    expect(bench.targets.effects.sort()).toEqual(['db: 2 → 1', 'web: 2 → 3']);
  });

  test('of the policy on each target counts all playbooks, and no other target', async () => {
    await start([scaleUp, scaleDown], 'limits: { target: [1 per 1h] }');
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: idle }, { labels: { ...idle, service: 'db' } }]);
    expect((await bench.episode(idle)).verdicts).toMatchObject([
      {
        reason: 'limit',
        detail: expect.stringMatching(/^web has reached its limit of 1 run in 1h; /),
      },
    ]);
    expect(bench.targets.effects.sort()).toEqual(['db: 2 → 1', 'web: 2 → 3']);
  });

  test('of the fleet holds all playbooks together', async () => {
    await start([scaleUp, scaleDown], 'limits: { fleet: [2 per 1h] }');
    const third = { ...slow, service: 'db' };
    await bench.take([{ labels: slow }, { labels: { ...idle, service: 'api' } }]);
    await bench.take([{ labels: third }]);
    expect((await bench.episode(third)).verdicts).toMatchObject([
      {
        reason: 'limit',
        detail: expect.stringMatching(/^the whole fleet has reached its limit of 2 runs in 1h; /),
      },
    ]);
    expect(bench.targets.effects).toHaveLength(2);
  });
});

describe('looking at a held alert', () => {
  test('before its time, or twice, changes nothing and wakes nobody', async () => {
    await start([scaleUp, guarded(scaleFull, 'cooldown: 10m')]);
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: full }]);
    const { identity, verdicts } = await bench.episode(full);
    const reads = bench.targets.calls.observe;
    for (let count = 0; count < 5; count += 1) {
      await bench.pass(1_000);
      await bench.engine.look(`episode:${identity}`);
    }
    expect((await bench.episode(full)).verdicts).toEqual(verdicts);
    expect(bench.wakes.filter(({ item }) => item === `episode:${identity}`)).toHaveLength(1);
    expect(bench.targets.calls.observe).toBe(reads);
  });

  test('decides it at once where the playbooks are others now', async () => {
    await start([scaleUp, guarded(scaleFull, 'cooldown: 10m')]);
    await bench.take([{ labels: slow }]);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.take([{ labels: full }]);
    await bench.reload({ playbooks: [scaleUp, scaleFull] });
    await bench.engine.look(`episode:${(await bench.episode(full)).identity}`);
    expect((await bench.episode(full)).verdicts).toMatchObject([{ fate: 'run' }]);
  });
});

test('a decision that is held for too long is told to a person once, and is still tried', async () => {
  await start([scaleUp, guarded(scaleFull, 'cooldown: 45m')]);
  await bench.take([{ labels: slow }]);
  await bench.take([{ labels: slow, resolved: true }]);
  await bench.take([{ labels: full }]);
  await bench.pass(14 * minute);
  expect(await bench.escalations()).toEqual([]);
  await bench.pass(2 * minute);
  expect(await bench.escalations()).toMatchObject([
    { value: { kind: 'report', reason: 'held_too_long', state: 'open' }, joined: 1 },
  ]);
  await bench.pass(20 * minute);
  expect(await bench.escalations()).toHaveLength(1);
  expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  await bench.pass(10 * minute);
  expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  await bench.take([{ labels: full, resolved: true }]);
  expect(await bench.escalations()).toMatchObject([{ value: { state: 'withdrawn' } }]);
});
