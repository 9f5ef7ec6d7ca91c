import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AutoScalingSim, createAutoScalingSim } from '../../../src/sim/auto-scaling.js';
import {
  type AutoScaling,
  type AutoScalingOptions,
  createAutoScaling,
} from '../../../src/target/auto-scaling.js';
import type { TargetErrorKind } from '../../../src/target/target-error.js';

/** For calls that are to run out of time. */
const shortMs = 800;

describe('the Auto Scaling client', () => {
  let sim: AutoScalingSim;
  let autoScaling: AutoScaling;

  const client = (options: Partial<AutoScalingOptions> = {}) =>
    createAutoScaling({
      timeoutMs: 5000,
      region: 'eu-central-1',
      endpoint: sim.url(),
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
      ...options,
    });

  beforeEach(async () => {
    sim = createAutoScalingSim();
    await sim.start();
    autoScaling = client();
    sim.addGroup({ name: 'workers', min: 1, max: 6, desired: 2 });
  });

  afterEach(() => sim.stop());

  it('answers the check with its region, also where there are no groups', async () => {
    expect(await autoScaling.check()).toEqual({ region: 'eu-central-1' });
  });

  it('reads a group, and counts neither warmed instances nor those that are not there yet', async () => {
    sim.changeGroup('workers', { warmed: 3, suspended: ['Launch'], desired: 4 });
    expect(await autoScaling.group('workers')).toEqual({
      name: 'workers',
      min: 1,
      max: 6,
      desired: 4,
      inService: 2,
      otherInstances: { 'Warmed:Stopped': 3 },
      instances: ['InService', 'InService', ...Array(3).fill('Warmed:Stopped')].map((state) => ({
        id: expect.stringMatching(/^i-0/),
        state,
        zone: 'eu-central-1a',
        isProtected: false,
      })),
      suspended: ['Launch'],
      countsInstances: true,
      deleting: false,
    });
  });

  it('ends the instance that is named, and its group wants one fewer', async () => {
    const [gone, stays] = sim.instances('workers');
    sim.protect(stays?.id ?? '', true);
    await autoScaling.terminateInstance(gone?.id ?? '');
    expect(sim.changes).toMatchObject([{ from: 2, to: 1, terminated: gone?.id }]);
    const { instances, desired } = await autoScaling.group('workers');
    expect(desired).toBe(1);
    expect(instances).toMatchObject([{ id: stays?.id, isProtected: true }]);
  });

  it('does not end an instance beyond the minimum, nor one that is not there, nor one twice', async () => {
    sim.addGroup({ name: 'small', min: 1, max: 2, desired: 1 });
    const [last] = sim.instances('small');
    const beyond = autoScaling.terminateInstance(last?.id ?? '');
    await expect(beyond).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('minSize'),
    });
    const nobody = autoScaling.terminateInstance('i-00000000000000000');
    await expect(nobody).rejects.toMatchObject({ kind: 'not_found' });
    expect(sim.changes).toEqual([]);
  });

  it('does not know whether an instance was ended whose answer is lost', async () => {
    const [one] = sim.instances('workers');
    const action = 'TerminateInstanceInAutoScalingGroup';
    sim.failNext({ action, afterApplying: true, hangMs: 0 });
    const ending = autoScaling.terminateInstance(one?.id ?? '');
    await expect(ending).rejects.toMatchObject({ kind: 'unknown' });
    expect(sim.calls.filter((call) => call === action)).toHaveLength(1);
  });

  it('finds one among many, and takes an empty list for not found', async () => {
    for (let count = 0; count < 120; count += 1) {
      sim.addGroup({ name: `other-${count}`, min: 0, max: 1, desired: 0 });
    }
    expect(await autoScaling.countGroups()).toBe(121);
    expect((await autoScaling.group('other-119')).desired).toBe(0);
    await expect(autoScaling.group('other')).rejects.toMatchObject({ kind: 'not_found' });
  });

  it.each(['', '*', 'work*', 'a:b'])('asks for no group %j', async (name) => {
    await expect(autoScaling.group(name)).rejects.toMatchObject({ kind: 'invalid' });
    const set = autoScaling.setDesiredCapacity({ name, desired: 1 });
    await expect(set).rejects.toMatchObject({ kind: 'invalid' });
    expect(sim.calls).toEqual([]);
  });

  it.each([-1, 1.5, Number.NaN])('never asks for %d instances', async (desired) => {
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired });
    await expect(set).rejects.toMatchObject({ kind: 'invalid' });
    expect(sim.calls).toEqual([]);
  });

  it("sets the desired capacity, again within the group's cooldown too", async () => {
    await autoScaling.setDesiredCapacity({ name: 'workers', desired: 4 });
    await autoScaling.setDesiredCapacity({ name: 'workers', desired: 5 });
    expect(sim.changes).toMatchObject([{ to: 4 }, { to: 5 }]);
    expect(await autoScaling.group('workers')).toMatchObject({ desired: 5, inService: 5 });
  });

  it('calls a size that the group forbids invalid, in the words of AWS', async () => {
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired: 7 });
    await expect(set).rejects.toMatchObject({ kind: 'invalid' });
    await expect(set).rejects.toThrow(
      /setting group workers to 7: ValidationError: .*above max value 6/,
    );
  });

  it('calls a change of a group that is gone not found', async () => {
    const set = autoScaling.setDesiredCapacity({ name: 'nothing', desired: 1 });
    await expect(set).rejects.toMatchObject({ kind: 'not_found' });
  });

  it.each([
    ['Pending', true],
    ['InProgress', true],
    ['Cancelling', true],
    ['RollbackInProgress', true],
    ['Baking', true],
    ['Successful', false],
    ['Failed', false],
    ['Cancelled', false],
  ])('takes an instance refresh that is %s for active: %s', async (instanceRefresh, active) => {
    sim.changeGroup('workers', { instanceRefresh });
    expect(await autoScaling.instanceRefreshActive('workers')).toBe(active);
  });

  it('sees no instance refresh where there was none', async () => {
    expect(await autoScaling.instanceRefreshActive('workers')).toBe(false);
  });

  it.each<[string, TargetErrorKind]>([
    ['ScalingActivityInProgress', 'busy'],
    ['ResourceContention', 'busy'],
    ['Throttling', 'busy'],
    ['ValidationError', 'invalid'],
    ['AccessDenied', 'forbidden'],
    ['ExpiredToken', 'forbidden'],
    ['InvalidClientTokenId', 'forbidden'],
    ['InternalFailure', 'unknown'],
  ])('sorts %s, in answer to a change, into %s, after one attempt', async (code, kind) => {
    sim.failNext({ action: 'SetDesiredCapacity', code });
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired: 4 });
    await expect(set).rejects.toMatchObject({ name: 'TargetError', kind });
    expect(sim.calls).toEqual(['SetDesiredCapacity']);
    expect(sim.changes).toEqual([]);
  });

  it('asks again where a read fails for a moment', async () => {
    sim.failNext({ action: 'DescribeAutoScalingGroups', code: 'InternalFailure', times: 2 });
    expect((await autoScaling.group('workers')).desired).toBe(2);
  });

  it.each<[string, TargetErrorKind]>([
    ['InternalFailure', 'unavailable'],
    ['AccessDenied', 'forbidden'],
  ])('sorts %s, in answer to a read, into %s', async (code, kind) => {
    sim.failNext({ action: 'DescribeAutoScalingGroups', code, times: 3 });
    await expect(autoScaling.group('workers')).rejects.toMatchObject({ kind });
  });

  it.each([true, false])(
    'does not know what came of a change without an answer (applied: %s)',
    async (afterApplying) => {
      const hasty = client({ timeoutMs: shortMs });
      for (const hangMs of [60_000, 0]) {
        sim.failNext({ action: 'SetDesiredCapacity', afterApplying, hangMs });
        const set = hasty.setDesiredCapacity({ name: 'workers', desired: 4 });
        await expect(set).rejects.toMatchObject({ kind: 'unknown' });
      }
      expect(sim.calls).toEqual(['SetDesiredCapacity', 'SetDesiredCapacity']);
      expect(sim.group('workers').desired).toBe(afterApplying ? 4 : 2);
    },
  );

  it('asks again where the answer to a read gets lost, and gives up in time', async () => {
    const hasty = client({ timeoutMs: 2000 });
    sim.failNext({ action: 'DescribeAutoScalingGroups', hangMs: 60_000 });
    expect((await hasty.group('workers')).desired).toBe(2);
    expect(sim.calls).toHaveLength(2);
    sim.failNext({ action: 'DescribeAutoScalingGroups', hangMs: 60_000, times: 9 });
    const late = client({ timeoutMs: shortMs }).group('workers');
    await expect(late).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('knows that nothing was sent where nobody listens', async () => {
    await sim.stop();
    const set = autoScaling.setDesiredCapacity({ name: 'workers', desired: 4 });
    await expect(set).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('repeats no key', async () => {
    sim.failNext({ action: 'SetDesiredCapacity', code: 'SignatureDoesNotMatch' });
    const set = client({
      credentials: { accessKeyId: 'AKIAKEY', secretAccessKey: 'geheim' },
    }).setDesiredCapacity({ name: 'workers', desired: 4 });
    const error = await set.catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/SignatureDoesNotMatch.*AWS_REGION/);
    expect(String(error)).not.toMatch(/AKIAKEY|geheim/);
  });
});

describe('the Auto Scaling client with nothing configured', () => {
  beforeEach(() => {
    for (const name of [
      'AWS_REGION',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_PROFILE',
    ]) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv('AWS_CONFIG_FILE', '/nowhere/config');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nowhere/credentials');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  });

  afterEach(() => vi.unstubAllEnvs());

  it('says which variable is missing, and only when it is asked something', async () => {
    const nowhere = createAutoScaling({ timeoutMs: 5000 });
    await expect(nowhere.check()).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(nowhere.check()).rejects.toThrow(/Region is missing.*AWS_REGION/);
  });

  it('calls missing credentials forbidden, also where it was to change something', async () => {
    const nobody = createAutoScaling({ timeoutMs: 5000, region: 'eu-central-1' });
    const set = nobody.setDesiredCapacity({ name: 'workers', desired: 1 });
    await expect(set).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(set).rejects.toThrow(/credentials/);
  });
});
