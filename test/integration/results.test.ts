import { afterEach, describe, expect, test } from 'vitest';
import { createReconciler } from '../../src/engine/reconcile/reconcile.js';
import { createResultPoster } from '../../src/engine/reports/results.js';
import { createScriptedCluster } from '../support/cluster.js';
import { type Bench, calling, scaleUp, startBench } from '../support/engine.js';

/* What became of runs, posted to Alertmanager and ignored when it comes back. */

let bench: Bench;
afterEach(() => bench.stop());

const policy = 'alertmanager: { post_results: true }';
const slow = { alertname: 'Slow', service: 'web' };
const own = { alertname: 'scale_service', service: 'web', posted_by: 'jidoka' };
/** Takes whatever comes. */
const takesAll = scaleUp.replace('alertname = "Slow"', 'alertname =~ ".+"');

async function start({ playbook = scaleUp, given = policy, isThere = true } = {}) {
  bench = await startBench({ playbooks: [playbook], policy: given });
  bench.targets.add('web', 2, { afterMs: 30_000 });
  const world = createScriptedCluster(bench.clock);
  const post = createResultPoster({
    context: bench.context(),
    cluster: isThere ? world.cluster : undefined,
  });
  /** The labels of what has been posted so far. */
  const posted = async () => {
    bench.clock.advance(5_000);
    await post();
    return world.posted.map(({ labels }) => labels);
  };
  return { world, posted };
}

const waiting = () => bench.redis.zcard(bench.ledger.keys.results);

describe('what became of a run', () => {
  test('is posted as docker-scaler did: the change, and that it helped', async () => {
    const { world, posted } = await start();
    await bench.take([{ labels: slow }]);
    expect(await posted()).toEqual([{ ...own, status: 'pending' }]);
    await bench.pass(60_000);
    await bench.take([{ labels: slow, resolved: true }]);
    await bench.pass(60_000);
    expect(await posted()).toEqual([
      { ...own, status: 'pending' },
      { ...own, status: 'success' },
    ]);
    expect(world.posted.at(-1)).toMatchObject({
      annotations: {
        request: 'Slow (playbook scale-up)',
        summary: 'scale web from 2 to 3 replicas',
      },
      startsAtMs: bench.clock.now(),
      endsAtMs: bench.clock.now() + 10_000,
    });
    expect(await posted()).toHaveLength(2);
  });

  test('is posted with the reason where it did not help', async () => {
    const { world, posted } = await start();
    bench.targets.setConvergence('web', 'never');
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * 60_000);
    expect(await posted()).toEqual([{ ...own, status: 'error' }]);
    expect(world.posted[0]?.annotations.summary).toMatch(
      /^the target did not reach the requested state: .*; scale web from 2 to 3 replicas$/,
    );
  });

  test('is posted nowhere unless the policy says so', async () => {
    const { posted } = await start({ given: '{}' });
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * 60_000);
    expect(await waiting()).toBe(0);
    expect(await posted()).toEqual([]);
  });

  test('is posted once by several workers, and later where Alertmanager could not be reached', async () => {
    const { world, posted } = await start();
    const { post } = world.cluster;
    world.cluster.post = () => Promise.reject(new Error('away'));
    await bench.take([{ labels: slow }]);
    expect(await posted()).toEqual([]);
    world.cluster.post = post;
    expect(await posted()).toEqual([{ ...own, status: 'pending' }]);
    expect(await waiting()).toBe(0);
  });

  test('is no news any more after ten minutes, and grows nowhere', async () => {
    const { world, posted } = await start();
    world.cluster.post = () => Promise.reject(new Error('away'));
    await bench.take([{ labels: slow }]);
    await posted();
    expect(await waiting()).toBe(1);
    bench.clock.advance(11 * 60_000);
    await posted();
    expect(await waiting()).toBe(0);
  });

  test('is forgotten, and the log says why, where there is no Alertmanager to post to', async () => {
    const { posted } = await start({ isThere: false });
    await bench.take([{ labels: slow }]);
    await posted();
    expect(await waiting()).toBe(0);
    expect(bench.logged).toContainEqual(
      expect.objectContaining({ why: 'alertmanager.post_results needs ALERTMANAGER_URL' }),
    );
  });

  test('is not posted for a run that a person did not want', async () => {
    const { posted } = await start({ playbook: scaleUp.replace('mode: auto', 'mode: approve') });
    await bench.take([{ labels: slow }]);
    const [question] = await bench.escalations();
    await bench.answer(question?.value.id ?? '', 'deny');
    await bench.settle();
    expect((await bench.runs())[0]?.state).toBe('ended');
    expect(await posted()).toEqual([]);
  });
});

describe('an alert that Jidoka posted', () => {
  const back = { ...own, status: 'success' };

  async function expectIgnored() {
    expect((await bench.episode(back)).verdicts).toMatchObject([
      { playbook: null, fate: 'ignored', reason: 'ignored' },
    ]);
    expect(await bench.escalations()).toEqual([]);
    expect(await bench.runs()).toEqual([]);
    expect(bench.targets.effects).toEqual([]);
  }

  test.each([takesAll, calling(takesAll)])(
    'starts nothing when the webhook brings it back',
    async (playbook) => {
      await start({ playbook });
      await bench.take([{ labels: back }]);
      await bench.take([{ labels: back }, { labels: { ...own, status: 'error' } }]);
      await bench.pass(60_000);
      await expectIgnored();
    },
  );

  test('starts nothing when Alertmanager lists it and no delivery brought it', async () => {
    const { world } = await start({ playbook: takesAll });
    world.first.list(back);
    const reconcile = createReconciler({
      context: bench.context(),
      cluster: world.cluster,
      take: (received) => bench.engine.take(received),
    });
    await reconcile();
    await bench.pass(60_000);
    await expectIgnored();
  });
});
