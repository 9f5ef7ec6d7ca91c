import { describe, expect, test } from 'vitest';
import { closeStale } from '../../../src/engine/episode/stale.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

let bench: Bench;

const hour = 3_600_000;
const slow = { alertname: 'Slow', service: 'web' };
const other = { alertname: 'Other', service: 'web' };

async function start(policy = '{}', playbook = scaleUp): Promise<void> {
  bench = startBench({ playbooks: [playbook], policy });
  bench.targets.add('web', 2);
}

async function waitFor(ms: number): Promise<void> {
  await bench.pass(ms);
  await closeStale(bench.context(), 'all');
  await bench.settle();
}

const reports = async () =>
  (await bench.escalations()).filter(({ value }) => value.reason === 'stale');

describe('an alert that was never resolved, where Alertmanager cannot be asked', () => {
  test('is given up after half a day without a word, and its question ends', async () => {
    await start();
    await bench.take([{ labels: other }]);
    await waitFor(11 * hour);
    expect(await bench.episode(other)).toMatchObject({ state: 'open' });
    await waitFor(hour);
    expect(await bench.episode(other)).toMatchObject({ state: 'closed' });
    expect(await bench.audited('episode')).toContainEqual(
      expect.objectContaining({ event: 'closed', reason: 'stale' }),
    );
    expect(await bench.escalations()).toMatchObject([
      { value: { kind: 'unmatched', state: 'withdrawn' } },
      { value: { kind: 'report', reason: 'stale', state: 'open' } },
    ]);
  });

  test('ends the run that was under way', async () => {
    await start('{}', scaleUp.replace('settle: 2m', 'settle: 1d'));
    await bench.take([{ labels: slow }]);
    await waitFor(12 * hour);
    expect(await bench.runs()).toMatchObject([{ state: 'ended' }]);
    expect(await reports()).toHaveLength(1);
  });

  test('is given up quietly where nothing was under way', async () => {
    await start('{}', scaleUp.replace(/mode: auto[\s\S]*/, 'ignore: true\n'));
    await bench.take([{ labels: slow }]);
    await waitFor(12 * hour);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
    expect(await bench.escalations()).toEqual([]);
  });

  test('is one of many of its name, and a person is told once', async () => {
    await start();
    await bench.take([...'abcdefgh'].map((instance) => ({ labels: { ...other, instance } })));
    await waitFor(12 * hour);
    const { redis, keys } = bench.ledger;
    const open = await redis.zrangebyscore(keys.openEpisodes, '-inf', Infinity, 'LIMIT', 0, 10);
    expect(open).toEqual([]);
    expect(await reports()).toHaveLength(1);
  });

  test('stays open as long as it is repeated', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    for (let count = 0; count < 4; count += 1) {
      await waitFor(4 * hour);
      await bench.take([{ labels: slow }]);
    }
    expect(await bench.audited('episode')).toMatchObject([{ event: 'opened' }]);
  });

  test('stays open when it is a command that waits for a person', async () => {
    await start();
    const other = { alertname: 'another-job' };
    await bench.engine.take({ ...bench.notification([{ labels: other }]), source: 'jenkins' });
    await waitFor(12 * hour);
    expect(await bench.episode(other, 'jenkins')).toMatchObject({ state: 'open' });
  });

  test('is left to its own silence where resolutions are not reported', async () => {
    await start('alertmanager: { send_resolved: false, close_after: 1d, stale_after: 1h }');
    await bench.take([{ labels: slow }]);
    await waitFor(2 * hour);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open' });
  });

  test('has the time that the policy gives', async () => {
    await start('alertmanager: { stale_after: 2h }');
    await bench.take([{ labels: slow }]);
    await waitFor(2 * hour);
    expect(await bench.episode(slow)).toMatchObject({ state: 'closed' });
  });

  test('does not count as muted by what was read when Alertmanager still could be', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    const { redis, keys } = bench.ledger;
    await redis.sadd(keys.muted, (await bench.episode(slow)).identity);
    await waitFor(0);
    expect(await redis.smembers(keys.muted)).toEqual([]);
  });
});

describe('an alert whose end was missed, when it fires anew long after', () => {
  test('is a new one, and acted upon, though nobody has given the old one up yet', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(13 * hour);
    await bench.take([{ labels: slow, startsAtMs: bench.clock.now() }]);
    expect(await bench.episode(slow)).toMatchObject({ state: 'open', deliveries: 1 });
    await bench.pass(60_000);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect((await bench.audited('episode')).map(({ event }) => event)).toEqual(
      expect.arrayContaining(['opened', 'closed', 'opened']),
    );
  });

  test('is the old one as long as it was heard of within that time, or began before', async () => {
    await start();
    await bench.take([{ labels: slow }]);
    await bench.pass(11 * hour);
    await bench.take([{ labels: slow, startsAtMs: bench.clock.now() }]);
    expect(await bench.episode(slow)).toMatchObject({ deliveries: 2 });
    await bench.pass(13 * hour);
    await bench.take([{ labels: slow }]);
    expect(await bench.episode(slow)).toMatchObject({ deliveries: 3 });
  });
});
