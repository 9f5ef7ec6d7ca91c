import { afterEach, describe, expect, test } from 'vitest';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { eventually } from '../support/eventually.js';

let bench: Bench;
afterEach(() => bench.stop());

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const named = (name: string) => scaleUp.replace('scale-up', name);
const inShadow = (text: string) => text.replace('mode: auto', 'mode: shadow');
const trial = inShadow(named('trial'));

async function start(playbooks: readonly string[], policy?: string): Promise<void> {
  bench = await startBench({ playbooks, ...(policy === undefined ? {} : { policy }) });
  bench.targets.add('web', 3);
}

async function shown(labels = slow): Promise<(string | undefined)[]> {
  const { verdicts } = await bench.episode(labels);
  return verdicts.filter(({ fate }) => fate === 'shadow').map(({ detail }) => detail);
}

/** Every key of the cell with what is in it, but for the records of the alert itself. */
async function guardKeys(): Promise<string[]> {
  const keys = await bench.redis.keys(`{${bench.cell}}:*`);
  return keys.filter((key) =>
    /:(lock|changed|admissions|touched|tripped|join|runs|active-runs|waiters)/.test(key),
  );
}

describe('a playbook in shadow', () => {
  test('shows what it would have done to the target as it is', async () => {
    await start([trial.replace('by: 1', 'by: 2')]);
    await bench.take([{ labels: slow }]);
    expect(await shown()).toEqual(['in shadow: it would scale web from 3 to 5 replicas']);
    expect(bench.targets.calls).toEqual({ observe: 1, apply: 0, verify: 0 });
  });

  test('shows all of its steps, with their repeats', async () => {
    const steps = `
  - test.scale: { service: web, by: 1, max: 5 }
    repeat: 4
  - test.scale: { service: db, by: -1, min: 1 }`;
    await start([
      `name: trial\nsummary: A.\nmatch: alertname = "Slow"\nmode: shadow\nsteps:${steps}`,
    ]);
    bench.targets.add('db', 2);
    await bench.take([{ labels: slow }]);
    expect(await shown()).toEqual([
      'in shadow: it would scale web from 3 to 4 replicas, and one more time while the alert fires, up to 5; if the alert still fires, scale db from 2 to 1 replicas',
    ]);
  });

  test('shows it once in an episode, and reads its target once', async () => {
    await start([trial]);
    for (let count = 0; count < 4; count += 1) {
      await bench.take([{ labels: slow }]);
      await bench.pass(10 * minute);
    }
    expect(await shown()).toHaveLength(1);
    expect(bench.targets.calls.observe).toBe(1);
    const records = (await bench.audited('episode')).filter(({ event }) => event === 'shadow');
    expect(records).toHaveLength(1);
    expect(records[0]?.detail).toContain('web from 3 to 4');
  });

  test('shows it once, too, where another one is held and decided again and again', async () => {
    await start([trial.replace('${{ labels.service }}', 'db'), named('real')]);
    bench.targets.add('db', 1);
    await bench.pauses.set({ of: 'playbook', name: 'real' }, { by: 'ada', why: 'no', forMs: null });
    await bench.take([{ labels: slow }]);
    bench.targets.setSize('db', 4);
    await bench.pass(60 * minute);
    expect(await shown()).toEqual(['in shadow: it would scale db from 1 to 2 replicas']);
  });

  test('takes nothing: no lock, no cooldown, no share of a limit or of the blast radius', async () => {
    await start(
      [trial.replace('{ cooldown: 0 }', '{ cooldown: 10m, limits: [1 per 1h] }')],
      'blast_radius: { targets: 1 per 10m }',
    );
    for (const service of ['web', 'db', 'api']) {
      if (service !== 'web') bench.targets.add(service, 3);
      await bench.take([{ labels: { ...slow, service } }]);
      expect(await shown({ ...slow, service })).toEqual([
        `in shadow: it would scale ${service} from 3 to 4 replicas`,
      ]);
    }
    expect(await guardKeys()).toEqual([]);
    expect(bench.targets.effects).toEqual([]);
  });

  test.each([
    [
      'a pause',
      'paused',
      async () =>
        bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a storm', forMs: null }),
    ],
    [
      'a lock',
      'target_busy',
      async () => bench.redis.set(bench.ledger.keys.lock('test.service/web'), 'other'),
    ],
    [
      'a cooldown',
      'cooldown',
      async () =>
        bench.redis.set(bench.ledger.keys.changed('test.service/web'), String(bench.clock.now())),
    ],
    [
      'the blast radius',
      'blast_radius',
      async () =>
        bench.redis.zadd(bench.ledger.keys.touched('all'), bench.clock.now(), 'test.service/db'),
    ],
  ])('says that %s would have held it', async (_, reason, hold) => {
    await start(
      [trial.replace('{ cooldown: 0 }', '{ cooldown: 10m }')],
      'blast_radius: { targets: 1 per 10m }',
    );
    await hold();
    await bench.take([{ labels: slow }]);
    expect(await shown()).toEqual([
      expect.stringMatching(
        new RegExp(`scale web from 3 to 4 replicas; ${reason} would defer it: \\w`),
      ),
    ]);
    expect(await bench.redis.exists(bench.ledger.keys.tripped)).toBe(0);
  });

  test('says so where it would have done nothing, asked a person, or could not have read its target', async () => {
    await start([
      trial.replace('max: 8', 'max: 3').replace('"Slow"', '"AtMost"'),
      trial
        .replace('trial', 'gone')
        .replace('"Slow"', '"Gone"')
        .replace('${{ labels.service }}', 'nowhere'),
      trial.replace('trial', 'away').replace('"Slow"', '"Away"'),
      inShadow(
        'name: calm\nsummary: Needs nobody.\nmatch: alertname = "Calm"\nmode: auto\nignore: true',
      ),
    ]);
    const about = async (alertname: string) => {
      await bench.take([{ labels: { ...slow, alertname } }]);
      return (await shown({ ...slow, alertname }))[0];
    };
    expect(await about('AtMost')).toMatch(/^in shadow: it would make no change to web \(\w/);
    expect(await about('Gone')).toMatch(/escalate this alert \(target_not_found\): \w/);
    bench.targets.failNext('observe', 'unavailable');
    expect(await about('Away')).toMatch(/defer the run \(target_unavailable\): scripted/);
    expect(await about('Calm')).toBe('in shadow: it would ignore this alert: Needs nobody.');
  });

  test('keeps the others from nothing when its target cannot be read or fails in a way nobody foresaw', async () => {
    await start([trial.replace('${{ labels.service }}', 'db'), named('real')]);
    bench.targets.add('db', 1);
    bench.targets.failNext('observe', new Error('a fault of its own'));
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 3 → 4']);
    expect(await shown()).toEqual([
      'Jidoka could not predict what it would do: a fault of its own',
    ]);
  });

  test('keeps the others waiting for no longer than a moment when its target does not answer', async () => {
    await start([trial.replace('${{ labels.service }}', 'db'), named('real')]);
    bench.targets.add('db', 1);
    const { action } = bench.targets;
    const { observe } = action;
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    Object.assign(action, {
      async observe(params: { service: string }) {
        if (params.service === 'db') await answered;
        return observe(params);
      },
    });
    const taken = bench.take([{ labels: slow }]);
    await eventually('the real one has its run', bench.runs, (runs) => runs.length === 1);
    expect(await shown()).toEqual([]);
    answer();
    await taken;
    expect(await shown()).toEqual(['in shadow: it would scale db from 1 to 2 replicas']);
  });

  test('tells what it would have done in place of the one that acts, not after it', async () => {
    await start([trial.replace('by: 1', 'by: 2'), named('real')]);
    await bench.take([{ labels: slow }]);
    expect(bench.targets.effects).toEqual(['web: 3 → 4']);
    expect(await shown()).toEqual(['in shadow: it would scale web from 3 to 5 replicas']);
  });
});

describe('a playbook that is put in shadow', () => {
  const toShadow = () => bench.reload({ playbooks: [inShadow(scaleUp)] });

  test('finishes the run that it began by itself, and begins no other', async () => {
    await start([scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2')]);
    await bench.take([{ labels: slow }]);
    await toShadow();
    await bench.pass(3 * minute);
    expect(bench.targets.effects).toEqual(['web: 3 → 4', 'web: 4 → 5']);
    await bench.pass(3 * minute);
    const other = { ...slow, zone: 'b' };
    await bench.take([{ labels: other }]);
    await bench.pass(minute);
    expect(await shown(other)).toEqual([expect.stringContaining('web from 5 to 6')]);
    expect(await bench.runs()).toHaveLength(1);
    expect(bench.targets.effects).toHaveLength(2);
  });

  test('takes no alert into a run that goes on', async () => {
    await start([scaleUp]);
    await bench.take([{ labels: slow }]);
    await toShadow();
    const other = { ...slow, zone: 'b' };
    await bench.take([{ labels: other }]);
    expect((await bench.episode(other)).spent).toEqual([]);
    expect(await shown(other)).toEqual([expect.stringContaining('target_busy would defer it')]);
  });

  test('does nothing that is approved after that, and whoever approved it is told', async () => {
    await start([scaleUp.replace('mode: auto', 'mode: approve')]);
    await bench.take([{ labels: slow }]);
    const [question] = await bench.escalations();
    await toShadow();
    const answer = await bench.answer(question?.value.id ?? '', 'approve');
    expect(answer.kind).toBe('accepted');
    await bench.pass(minute);
    expect(bench.targets.calls.apply).toBe(0);
    expect(await bench.runs()).toMatchObject([
      { state: 'ended', outcome: { kind: 'failed', reason: 'shadow' } },
    ]);
    const reports = (await bench.escalations()).filter(({ value }) => value.reason === 'shadow');
    expect(reports).toHaveLength(1);
    expect(reports[0]?.value.detail).toContain('now in shadow mode');
  });

  test('lets go of what it held, and a person gets the alert', async () => {
    await start([scaleUp]);
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'a storm', forMs: null });
    await bench.take([{ labels: slow }]);
    await toShadow();
    await bench.pass(2 * minute);
    const { verdicts } = await bench.episode(slow);
    expect(verdicts.map(({ playbook, fate }) => [playbook, fate])).toEqual([
      [null, 'escalated'],
      ['scale-up', 'shadow'],
    ]);
  });
});

test('a playbook that is taken out of shadow acts on an alert that another one still holds', async () => {
  const held = named('held');
  await start([trial, held]);
  await bench.pauses.set({ of: 'playbook', name: 'held' }, { by: 'ada', why: 'no', forMs: null });
  await bench.take([{ labels: slow }]);
  expect(await shown()).toHaveLength(1);
  await bench.reload({ playbooks: [named('trial'), held] });
  await bench.pass(2 * minute);
  expect(bench.targets.effects).toEqual(['web: 3 → 4']);
  const { verdicts } = await bench.episode(slow);
  expect(verdicts.map(({ playbook, fate }) => [playbook, fate])).toEqual([['trial', 'run']]);
});
