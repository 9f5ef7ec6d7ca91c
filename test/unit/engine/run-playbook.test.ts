import { beforeEach, describe, expect, test } from 'vitest';
import type { Received } from '../../../src/alertmanager/received.js';
import {
  createRunPlaybook,
  type GivenManualRun,
} from '../../../src/engine/commands/run-playbook.js';
import { explainAlerts } from '../../../src/engine/explain/explain.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

/* A person runs a playbook by hand: the same queue, guards and approvals as for an alert. */

const minute = 60_000;
let bench: Bench;
let queued: Received[];

function start(change: (playbook: string) => string = (text) => text, policy?: string): void {
  bench = startBench({
    playbooks: [change(scaleUp.replace('cooldown: 0', 'cooldown: 20m'))],
    policy: policy ?? 'limits: { target: [50 per 1h], playbook: [50 per 1h] }',
  });
  bench.targets.add('web', 2, { afterMs: 3_000 });
  queued = [];
}

beforeEach(() => start());

/** Asks for a run; what is queued is taken in by `settle`. */
function ask(
  given: Partial<GivenManualRun> = {},
  enqueue = async (one: Received) => void queued.push(one),
) {
  const runPlaybook = createRunPlaybook({ ...bench.context(), enqueue, waitMs: 0 });
  return runPlaybook({
    key: 'key-0001',
    playbook: 'scale-up',
    by: 'ana',
    why: 'the sale starts',
    labels: { service: 'web' },
    ...given,
  });
}

async function takeQueued(): Promise<void> {
  for (const received of queued.splice(0)) await bench.engine.take(received);
  await bench.settle();
}

async function run(given: Partial<GivenManualRun> = {}) {
  const result = await ask(given);
  await takeQueued();
  return result;
}

/** The decisions about the alert of a request. */
async function decisions(alertId: string) {
  const [stored] = await bench.ledger.episodes([alertId.slice(0, alertId.lastIndexOf('-'))]);
  return stored?.value.verdicts ?? [];
}

function alertOf(result: Awaited<ReturnType<typeof ask>>): string {
  if (result.kind !== 'accepted') throw new Error(JSON.stringify(result));
  return result.alertId;
}

describe('a playbook that is run by hand', () => {
  test('acts once, and its run says who started it and why', async () => {
    const result = await run();
    expect(result).toMatchObject({ kind: 'accepted', state: { state: 'queued' } });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    const [only, ...more] = await bench.runs();
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      origin: { kind: 'playbook', playbook: 'scale-up' },
      manual: { by: 'ana', why: 'the sale starts' },
      labels: { alertname: 'Slow', service: 'web' },
      outcome: { kind: 'done' },
    });
    expect(await bench.audited('episode')).toContainEqual(
      expect.objectContaining({
        event: 'opened',
        by: 'ana',
        detail: 'the sale starts',
        playbook: 'scale-up',
      }),
    );
    // the same request says what came of it
    const again = await ask();
    expect(again).toMatchObject({
      alertId: alertOf(result),
      state: { state: 'done', runId: only?.id },
    });
  });

  test.each([
    ['before it is taken in', 0],
    ['while its run is at work', 1_000],
    ['after its run is done', 5 * minute],
    ['two hours later', 120 * minute],
  ])('starts one run if the request is sent again %s', async (_, ms) => {
    await ask();
    if (ms > 0) {
      await takeQueued();
      await bench.pass(ms);
    }
    const again = await ask();
    expect(again).toMatchObject({ kind: 'accepted' });
    await takeQueued();
    await bench.pass(60 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.runs()).toHaveLength(1);
    expect(await bench.escalations()).toEqual([]);
  });

  test('starts one run if the queue delivers the request twice', async () => {
    await ask();
    const [received] = queued;
    await takeQueued();
    await bench.pass(5 * minute);
    if (received !== undefined) await bench.engine.take(received);
    await bench.pass(60 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('starts one run if the queue did not answer the first time', async () => {
    const lost = ask({}, async () => Promise.reject(new Error('no answer')));
    await expect(lost).rejects.toThrow('no answer');
    await run();
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('refuses the key of another request', async () => {
    await run();
    expect(await ask({ labels: { service: 'other' } })).toEqual({ kind: 'key_used' });
    await bench.pass(minute);
    expect(await ask({ labels: { service: 'other' } })).toEqual({ kind: 'key_used' });
    expect(queued).toEqual([]);
  });

  test('is deferred by a cooldown, like an alert', async () => {
    await run();
    await bench.pass(minute);
    const second = await run({ key: 'key-0002' });
    const [held] = await decisions(alertOf(second));
    expect(held).toMatchObject({ fate: 'held', reason: 'cooldown' });
    await bench.pass(25 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  });

  test('is deferred by a pause, and by a tripped blast radius', async () => {
    await bench.pauses.set(
      { of: 'playbook', name: 'scale-up' },
      { by: 'bo', why: 'x', forMs: null },
    );
    expect(await decisions(alertOf(await run()))).toMatchObject([
      { fate: 'held', reason: 'paused' },
    ]);
  });

  test('is deferred by the blast radius, like an alert', async () => {
    start(undefined, 'blast_radius: { targets: 1 per 1h, share: 100% }');
    bench.targets.add('api', 2, { afterMs: 3_000 });
    bench.fleet.set('test.service', 10);
    await run();
    const second = await run({ key: 'key-0002', labels: { service: 'api' } });
    expect(await decisions(alertOf(second))).toMatchObject([
      { fate: 'held', reason: 'blast_radius' },
    ]);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('asks for approval where the playbook does, and says who asked and why', async () => {
    start((text) => text.replace('mode: auto', 'mode: approve'));
    await run();
    const [asked] = await bench.escalations();
    expect(asked?.value).toMatchObject({ kind: 'approval', state: 'open' });
    expect(asked?.value.detail).toContain('ana runs it by hand: the sale starts');
    expect(bench.targets.effects).toEqual([]);
    await bench.answer(asked?.value.id ?? '', 'approve', 'bo');
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is taken whatever its source says, and no other playbook is asked', async () => {
    start((text) => text.replace('match:', 'source: jenkins\nmatch:'));
    await run();
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test('is escalated if the playbook is gone when it is decided', async () => {
    const result = await ask();
    bench.reload({ playbooks: [scaleUp.replace('name: scale-up', 'name: other')] });
    await takeQueued();
    expect(await decisions(alertOf(result))).toMatchObject([
      { fate: 'escalated', reason: 'no_match', detail: 'no playbook is named scale-up any more' },
    ]);
    expect(bench.targets.effects).toEqual([]);
  });
});

describe('a request that cannot be', () => {
  test('names the playbook that was meant', async () => {
    expect(await ask({ playbook: 'scale-upp' })).toEqual({
      kind: 'unknown_playbook',
      why: 'no playbook is named "scale-upp"; did you mean "scale-up"?',
    });
  });

  test('names the clause that its labels do not meet', async () => {
    expect(await ask({ labels: { alertname: 'Other', service: 'web' } })).toEqual({
      kind: 'not_runnable',
      why: 'scale-up does not match these labels: alertname="Slow": expected "Slow", got "Other"',
    });
    expect(queued).toEqual([]);
  });

  test('is refused for a playbook in shadow mode, and for one that ignores alerts', async () => {
    start((text) => text.replace('mode: auto', 'mode: shadow'));
    expect(await ask()).toMatchObject({
      kind: 'not_runnable',
      why: expect.stringContaining('shadow'),
    });
    bench.reload({
      playbooks: ['name: scale-up\nsummary: Known.\nmatch: alertname = "Slow"\nignore: true\n'],
    });
    expect(await ask()).toMatchObject({
      kind: 'not_runnable',
      why: expect.stringContaining('ignores'),
    });
  });

  test('has labels that are too long or too many', async () => {
    await expect(ask({ labels: { service: 'x'.repeat(1_001) } })).rejects.toThrow(
      'labels.service: expected at most 1000 characters',
    );
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`l${index}`, 'x']));
    await expect(ask({ labels: many })).rejects.toThrow('expected at most 50');
  });
});

test('explain says what a run by hand would do, and starts nothing', async () => {
  const alert = {
    status: 'firing',
    labels: { alertname: 'Slow', service: 'web' },
    annotations: {},
    startsAtMs: bench.clock.now(),
    endsAtMs: null,
    generatorUrl: '',
    fingerprint: '',
    source: 'manual',
  } as const;
  const ofHand = { alerts: [alert], playbook: 'scale-up', all: false };
  const [explained] = await explainAlerts(bench.context(), ofHand);
  expect(explained?.forecasts).toMatchObject([{ playbook: 'scale-up', fate: 'run' }]);
  expect(await bench.runs()).toEqual([]);
});
