import { afterEach, describe, expect, test } from 'vitest';
import { createWatchdog } from '../../src/engine/health/watchdog.js';
import { createReconciler } from '../../src/engine/reconcile/reconcile.js';
import { createScriptedCluster } from '../support/cluster.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

let bench: Bench;
let watch: () => Promise<void>;
afterEach(() => bench.stop());

const minute = 60_000;
const dog = { alertname: 'Watchdog', severity: 'none' };
const policy = 'watchdog: { match: alertname = "Watchdog", after: 10m }';

async function start(text = policy): Promise<void> {
  bench = await startBench({ playbooks: [scaleUp], policy: text });
  watch = createWatchdog(bench.context());
}

async function watchFor(ms: number): Promise<void> {
  for (const untilMs = bench.clock.now() + ms; bench.clock.now() < untilMs; ) {
    await bench.pass(30_000);
    await watch();
  }
}

const told = async () =>
  (await bench.escalations()).map(({ value }) => [value.reason, value.state]);

test('a person is told once when the watchdog stays away, and told when it is back', async () => {
  await start();
  await bench.take([{ labels: dog }]);
  await watchFor(9 * minute);
  expect(await told()).toEqual([]);
  await watchFor(60 * minute);
  expect(await told()).toEqual([['watchdog_silent', 'open']]);
  await bench.take([{ labels: dog }]);
  await watchFor(minute);
  expect(await told()).toEqual([
    ['watchdog_silent', 'withdrawn'],
    ['watchdog_back', 'withdrawn'],
  ]);
  await watchFor(10 * minute);
  expect((await told()).at(-1)).toEqual(['watchdog_silent', 'open']);
});

test('it is told again only after it was back, whatever a person answers', async () => {
  await start();
  await watchFor(11 * minute);
  const [silent] = await bench.escalations();
  const { keys, redis } = bench.ledger;
  await redis.del(keys.subject(silent?.value.subject ?? ''));
  await watchFor(30 * minute);
  expect(await told()).toHaveLength(1);
});

test('several workers tell it once', async () => {
  await start();
  const others = [createWatchdog(bench.context()), createWatchdog(bench.context())];
  await bench.pass(11 * minute);
  await Promise.all([watch, ...others].map((each) => each()));
  expect(await told()).toHaveLength(1);
  await bench.take([{ labels: dog }]);
  await Promise.all([watch, ...others].map((each) => each()));
  expect(await told()).toHaveLength(2);
});

test('an engine that was down itself waits the whole time before it cries', async () => {
  await start();
  await bench.take([{ labels: dog }]);
  await bench.pass(5 * 60 * minute);
  watch = createWatchdog(bench.context());
  await watchFor(9 * minute);
  expect(await told()).toEqual([]);
  await watchFor(2 * minute);
  expect(await told()).toHaveLength(1);
});

test('what was told is remembered over a restart', async () => {
  await start();
  await watchFor(11 * minute);
  watch = createWatchdog(bench.context());
  await watchFor(20 * minute);
  expect(await told()).toHaveLength(1);
});

test('a watchdog that Alertmanager lists for our receiver is heard of', async () => {
  await start();
  const { cluster, first } = createScriptedCluster(bench.clock);
  first.list(dog);
  const reconcile = createReconciler({
    context: bench.context(),
    cluster,
    take: bench.engine.take,
  });
  for (let count = 0; count < 40; count += 1) {
    await reconcile();
    await watchFor(30_000);
  }
  expect(await told()).toEqual([]);
  first.list(dog, { receivers: ['people'] });
  for (let count = 0; count < 22; count += 1) {
    await reconcile();
    await watchFor(30_000);
  }
  expect(await told()).toHaveLength(1);
});

test('a resolved watchdog is no sign of life', async () => {
  await start();
  await watchFor(8 * minute);
  await bench.take([{ labels: dog, resolved: true }]);
  await watchFor(3 * minute);
  expect(await told()).toHaveLength(1);
});

describe('the watchdog itself', () => {
  test('is never a case for a person', async () => {
    await start();
    await bench.take([{ labels: dog }]);
    await bench.take([{ labels: dog }]);
    expect((await bench.episode(dog)).verdicts).toMatchObject([
      { playbook: null, fate: 'ignored', reason: 'ignored' },
    ]);
    expect(await bench.escalations()).toEqual([]);
  });

  test('is an alert like others where the policy names none', async () => {
    await start('{}');
    await bench.take([{ labels: dog }]);
    await watchFor(60 * minute);
    expect(await told()).toEqual([['no_match', 'open']]);
  });
});
