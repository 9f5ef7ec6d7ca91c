import { describe, expect, test } from 'vitest';
import type { LatestDeploy } from '../../../src/integrations/contract/deploys.js';
import { TargetError } from '../../../src/integrations/contract/target-error.js';
import type { Clock } from '../../../src/lib/clock.js';
import { createTargets } from '../../support/engine-targets.js';
import { type Bench, scaleUp, startBench } from '../../support/memory-engine.js';

/* Playbooks that require something of their target besides what the alert says. */

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const requiring = scaleUp
  .replace('name: scale-up', 'name: deployed\nrequires: { deployed_within: 15m }')
  .replace('test.scale', 'test.deployed');

let bench: Bench;
let reads: number;

/** An engine whose target was deployed as `latest` says. */
function start(latest: (nowMs: number) => LatestDeploy, ...playbooks: string[]) {
  reads = 0;
  const action = (clock: Clock) => {
    const targets = createTargets({ clock, fenced: false });
    targets.add('web', 2);
    const latestDeploy = async () => {
      reads += 1;
      return latest(clock.now());
    };
    return [{ ...targets.action, name: 'test.deployed', latestDeploy }];
  };
  bench = startBench({ playbooks: [requiring, ...playbooks], actions: action });
  bench.targets.add('web', 2);
}

const deployedBefore = (ms: number) => (nowMs: number) => ({
  kind: 'deployed' as const,
  atMs: nowMs - ms,
});
const verdicts = async () =>
  (await bench.episode(slow)).verdicts.map(({ playbook, fate, reason }) => [
    playbook,
    fate,
    reason,
  ]);

describe('a playbook that requires a deploy', () => {
  test('takes the alert of a target that was deployed shortly before', async () => {
    start(deployedBefore(5 * minute), scaleUp);
    await bench.take([{ labels: slow }]);
    expect(await verdicts()).toEqual([['deployed', 'run', 'matched']]);
  });

  test('leaves any other alert to the next playbook, and is not asked again once that has had its say', async () => {
    start(deployedBefore(60 * minute), scaleUp);
    await bench.take([{ labels: slow }]);
    expect(await verdicts()).toEqual([['scale-up', 'run', 'matched']]);
    expect(reads).toBe(1);
    await bench.pass(minute);
    await bench.take([{ labels: slow }]);
    await bench.pass(10 * minute);
    expect(reads).toBe(1);
    expect(await verdicts()).toEqual([['scale-up', 'run', 'matched']]);
  });

  test('is a near miss of an alert that no other takes', async () => {
    start(deployedBefore(60 * minute));
    await bench.take([{ labels: slow }]);
    expect(await verdicts()).toEqual([[null, 'escalated', 'no_match']]);
    expect((await bench.episode(slow)).misses).toEqual([
      {
        playbook: 'deployed',
        clause: 'requires: { deployed_within: 15m }',
        expected: 'deployed at most 15m before the alert started',
        actual: 'deployed 1 h before the alert started',
        reason: 'no_match',
        missed: 1,
      },
    ]);
    await bench.take([{ labels: slow }]);
    expect(reads).toBe(1);
  });

  test('asks a person where the history has a gap, and lets no later playbook act', async () => {
    start(() => ({ kind: 'unknown', detail: 'a gap' }), scaleUp);
    await bench.take([{ labels: slow }]);
    expect(await verdicts()).toEqual([['deployed', 'escalated', 'deploy_unknown']]);
    start((nowMs) => ({ kind: 'none', sinceMs: nowMs - 14 * minute }), scaleUp);
    await bench.take([{ labels: slow }]);
    expect(await verdicts()).toEqual([['deployed', 'escalated', 'deploy_unknown']]);
    expect(bench.targets.effects).toEqual([]);
  });

  test('waits where the history is not there yet', async () => {
    let isThere = false;
    start((nowMs) => {
      if (!isThere) throw new TargetError('unavailable', 'not in the history yet');
      return deployedBefore(5 * minute)(nowMs);
    }, scaleUp);
    await bench.take([{ labels: slow }]);
    expect(await verdicts()).toEqual([['deployed', 'held', 'target_unavailable']]);
    isThere = true;
    await bench.pass(minute);
    expect(await verdicts()).toEqual([['deployed', 'run', 'matched']]);
  });

  test('shows in shadow only what it would do of alerts that it would take', async () => {
    const trial = requiring.replace('mode: auto', 'mode: shadow');
    start(deployedBefore(60 * minute), scaleUp);
    bench.reload({ playbooks: [trial, scaleUp] });
    await bench.take([{ labels: slow }]);
    expect(await verdicts()).toEqual([['scale-up', 'run', 'matched']]);
  });
});
