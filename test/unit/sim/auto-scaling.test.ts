import {
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AutoScalingBench, clientOf, startAutoScalingBench } from './auto-scaling/bench.js';

describe('the simulated Auto Scaling', () => {
  let clock: AutoScalingBench['clock'];
  let scaling: AutoScalingBench['scaling'];
  let client: AutoScalingBench['client'];

  beforeEach(async () => {
    ({ clock, scaling, client } = await startAutoScalingBench());
  });

  afterEach(async () => {
    client.destroy();
    await scaling.stop();
  });

  async function describeGroup(name = 'workers') {
    const input = { AutoScalingGroupNames: [name] };
    const { AutoScalingGroups } = await client.send(new DescribeAutoScalingGroupsCommand(input));
    return AutoScalingGroups?.[0];
  }

  const setDesired = (desired: number, name = 'workers', honorCooldown = false) =>
    client.send(
      new SetDesiredCapacityCommand({
        AutoScalingGroupName: name,
        DesiredCapacity: desired,
        HonorCooldown: honorCooldown,
      }),
    );

  const states = async () =>
    (await describeGroup())?.Instances?.map((instance) => instance.LifecycleState);

  it('describes a group with its bounds, instances and tags', async () => {
    expect(await describeGroup()).toMatchObject({
      AutoScalingGroupName: 'workers',
      MinSize: 1,
      MaxSize: 4,
      DesiredCapacity: 2,
      DefaultCooldown: 300,
      Instances: [{ LifecycleState: 'InService' }, { LifecycleState: 'InService' }],
      SuspendedProcesses: [],
      Tags: [{ Key: 'team', Value: 'a&b <ops>' }],
    });
  });

  it('refuses an action that the caller has no permission for', async () => {
    scaling.deny('SetDesiredCapacity');
    const refusal = { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } };
    await expect(setDesired(3)).rejects.toMatchObject(refusal);
    await expect(setDesired(3)).rejects.toThrow(
      /is not authorized to perform: autoscaling:SetDesiredCapacity/,
    );
    expect((await describeGroup())?.DesiredCapacity).toBe(2);
  });

  it('answers an unknown name with an empty list', async () => {
    const input = { AutoScalingGroupNames: ['nobody'] };
    const answer = await client.send(new DescribeAutoScalingGroupsCommand(input));
    expect(answer.AutoScalingGroups).toEqual([]);
  });

  it('launches instances, which are pending until they have had their time', async () => {
    await setDesired(3);

    expect(await states()).toEqual(['InService', 'InService', 'Pending']);
    clock.advance(30_000);
    expect(await states()).toEqual(['InService', 'InService', 'InService']);
    expect(scaling.group('workers')).toEqual({ desired: 3, inService: 3 });
    expect(scaling.changes).toEqual([
      { group: 'workers', from: 2, to: 3, honorCooldown: false, at: clock.now() - 30_000 },
    ]);
  });

  it('terminates instances, which are shown until they are gone', async () => {
    await setDesired(1);

    expect(await states()).toEqual(['InService', 'Terminating']);
    clock.advance(30_000);
    expect(await states()).toEqual(['InService']);
  });

  it('ends no instance that is protected from scale-in, though there are too many then', async () => {
    const [, other] = scaling.instances('workers');
    scaling.protect(other?.id ?? '', true);
    await setDesired(1);
    clock.advance(30_000);
    expect(scaling.instances('workers').map(({ id }) => id)).toEqual([other?.id]);
  });

  it('launches nothing while Launch is suspended', async () => {
    scaling.changeGroup('workers', { suspended: ['Launch'] });
    await setDesired(3);
    clock.advance(600_000);

    expect((await describeGroup())?.SuspendedProcesses).toMatchObject([{ ProcessName: 'Launch' }]);
    expect(scaling.group('workers')).toEqual({ desired: 3, inService: 2 });
    scaling.changeGroup('workers', { suspended: [] });
    clock.advance(30_000);
    expect(scaling.group('workers').inService).toBe(3);
  });

  it('shows the instances of a warm pool without counting them', async () => {
    scaling.changeGroup('workers', { warmed: 1 });

    expect(await states()).toEqual(['InService', 'InService', 'Warmed:Stopped']);
    expect(scaling.group('workers')).toEqual({ desired: 2, inService: 2 });
  });

  it('refuses a capacity outside the bounds, in the words of AWS', async () => {
    await expect(setDesired(5)).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'New SetDesiredCapacity value 5 is above max value 4 for the AutoScalingGroup.',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(setDesired(0)).rejects.toThrow(
      'New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.',
    );
    expect(scaling.changes).toEqual([]);
  });

  it('refuses to change a group that it does not have', async () => {
    await expect(setDesired(1, 'nobody')).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'AutoScalingGroup name not found - null',
    });
  });

  it('blocks a change in cooldown only when it is asked to honour the cooldown', async () => {
    await setDesired(3);
    await expect(setDesired(4, 'workers', true)).rejects.toMatchObject({
      name: expect.stringContaining('ScalingActivityInProgress'),
      $metadata: { httpStatusCode: 400, attempts: 1 },
    });
    await setDesired(4);
    clock.advance(300_000);
    await setDesired(3, 'workers', true);

    expect(scaling.changes.map((change) => change.to)).toEqual([3, 4, 3]);
  });

  it('shows an instance refresh where there is one', async () => {
    const refreshes = async () =>
      (await client.send(new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: 'workers' })))
        .InstanceRefreshes;

    expect(await refreshes()).toEqual([]);
    scaling.changeGroup('workers', { instanceRefresh: 'InProgress' });
    expect(await refreshes()).toMatchObject([{ Status: 'InProgress' }]);
  });

  it('tells what it did as scaling activities, the newest first', async () => {
    await setDesired(3);
    clock.advance(30_000);
    await setDesired(2);

    const input = { AutoScalingGroupName: 'workers' };
    const { Activities } = await client.send(new DescribeScalingActivitiesCommand(input));
    expect(Activities).toMatchObject([
      { StatusCode: 'InProgress', Description: expect.stringContaining('Terminating') },
      { StatusCode: 'Successful', Description: expect.stringContaining('Launching') },
    ]);
  });

  it('throttles as told, which the SDK retries', async () => {
    const patient = clientOf(scaling, 2);
    scaling.failNext({ action: 'DescribeAutoScalingGroups', code: 'Throttling' });

    const answer = await patient.send(new DescribeAutoScalingGroupsCommand({}));
    patient.destroy();
    expect(answer.$metadata.attempts).toBe(2);
    expect(scaling.calls).toHaveLength(2);
  });

  it('fails as told with the status that AWS uses for the error', async () => {
    const failure = async (code: string) => {
      scaling.failNext({ action: 'SetDesiredCapacity', code });
      return setDesired(3).catch((error: { name: string; $metadata: object }) => error);
    };

    expect(await failure('ResourceContention')).toMatchObject({
      name: 'ResourceContentionFault',
      $metadata: { httpStatusCode: 500 },
    });
    expect(await failure('ScalingActivityInProgress')).toMatchObject({
      name: 'ScalingActivityInProgressFault',
      $metadata: { httpStatusCode: 400 },
    });
    expect(await failure('InternalFailure')).toMatchObject({ $metadata: { httpStatusCode: 500 } });
    expect(await failure('Throttling')).toMatchObject({
      name: 'Throttling',
      message: 'Rate exceeded',
      $metadata: { httpStatusCode: 400 },
    });
    expect(scaling.changes).toEqual([]);
  });

  it('can lose the answer to a change that took effect', async () => {
    scaling.failNext({ action: 'SetDesiredCapacity', hangMs: 0, afterApplying: true });

    await expect(setDesired(3)).rejects.toThrow();
    expect(scaling.changes).toHaveLength(1);
    scaling.failNext({ action: 'SetDesiredCapacity', hangMs: 0 });
    await expect(setDesired(4)).rejects.toThrow();
    expect(scaling.changes).toHaveLength(1);
  });
});
