import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAsgResize } from '../../../../src/integrations/aws/asg-resize.js';
import {
  type AutoScaling,
  createAutoScaling,
} from '../../../../src/integrations/aws/auto-scaling.js';
import type { AutoScalingGroup } from '../../../../src/integrations/aws/auto-scaling-answer.js';
import type { Ec2 } from '../../../../src/integrations/aws/ec2.js';
import type { SwarmService } from '../../../../src/integrations/swarm/answer.js';
import type { Swarm } from '../../../../src/integrations/swarm/client.js';
import type { SwarmNodes } from '../../../../src/integrations/swarm/nodes.js';
import { type AutoScalingSim, createAutoScalingSim } from '../../../../src/sim/auto-scaling.js';
import { sendingOf } from '../../../support/sending.js';

const sending = sendingOf({ group: 'workers', by: 1 });

const unreachable: AutoScaling = {
  check: () => Promise.reject(new Error('no')),
  group: () => Promise.reject(new Error('no')),
  countGroups: () => Promise.reject(new Error('no')),
  setDesiredCapacity: () => Promise.reject(new Error('no')),
  terminateInstance: () => Promise.reject(new Error('no')),
  instanceRefresh: () => Promise.reject(new Error('no')),
  activities: async () => [],
  trouble: () => Promise.reject(new Error('no')),
};
const action = createAsgResize({
  autoScaling: unreachable,
  ec2: {} as Ec2,
  nodes: {} as SwarmNodes,
  swarm: {} as Swarm,
  workerAsg: 'nodes',
});

function plan(
  params: Omit<Parameters<typeof action.plan>[0], 'group'>,
  given: Partial<AutoScalingGroup> & { refreshActive?: boolean } = {},
  to?: number,
) {
  const { refreshActive = false, ...rest } = given;
  const group: AutoScalingGroup = {
    name: 'workers',
    min: 1,
    max: 6,
    desired: 3,
    inService: 3,
    otherInstances: {},
    instances: [],
    suspended: [],
    countsInstances: true,
    deleting: false,
    ...rest,
  };
  const observation = {
    target: { id: 'asg/workers', name: 'workers' },
    size: group.desired,
    unit: 'instances',
    version: null,
    state: { group, refreshActive },
  };
  const bounds = { min: 0, max: 99 };
  const all = { group: 'workers', ...params };
  return to === undefined
    ? action.plan(all, observation, bounds)
    : action.planTo(all, observation, to, bounds);
}

describe('the parameters of asg.resize', () => {
  const accepts = (params: unknown) => action.params.safeParse(params).success;

  it('are a group and either a number or a direction', () => {
    expect(accepts({ group: 'my workers/blue', by: -1 })).toBe(true);
    expect(accepts({ group: 'workers', direction: 'up' })).toBe(true);
    expect(accepts({ group: 'workers' })).toBe(false);
    expect(accepts({ group: 'workers', direction: 'up', by: 1 })).toBe(false);
    expect(accepts({ group: 'workers', direction: 'up', step_size: 0 })).toBe(true);
    expect(accepts({ group: 'workers', direction: 'up', step_size: -1 })).toBe(false);
    expect(accepts({ group: 'workers', by: 1, step_size: 2 })).toBe(false);
  });

  it.each(['', ' ', '*', 'work*', 'a:b', 'a\nb', 'x'.repeat(256)])(
    'do not take %j for a group',
    (group) => {
      expect(accepts({ group, by: 1 })).toBe(false);
    },
  );
});

describe('planning asg.resize', () => {
  it('plans an absolute size and no version, since the API has none', () => {
    expect(plan({ by: 2 })).toEqual({
      kind: 'change',
      target: { id: 'asg/workers', name: 'workers' },
      op: { kind: 'resize', from: 3, to: 5, unit: 'instances' },
      version: null,
    });
    expect(plan({ direction: 'down' })).toMatchObject({ op: { from: 3, to: 2 } });
  });

  it("stays within the group's own bounds, whatever the step or the policy say", () => {
    expect(plan({ by: 20 })).toMatchObject({ op: { to: 6 } });
    expect(plan({ by: 20, max: 50 })).toMatchObject({ op: { to: 6 } });
    expect(plan({ by: -20, min: 0 })).toMatchObject({ op: { to: 1 } });
  });

  it("narrows the group's bounds by the step's", () => {
    expect(plan({ by: 20, max: 4 })).toMatchObject({ op: { to: 4 } });
    expect(plan({ by: -20, min: 2 })).toMatchObject({ op: { to: 2 } });
  });

  it('refuses a step whose bounds lie outside those of the group', () => {
    expect(plan({ by: 1, min: 8 })).toMatchObject({ kind: 'refused', reason: 'unsupported' });
  });

  it('says which bound it stands at', () => {
    expect(plan({ by: 1 }, { desired: 6 })).toMatchObject({
      kind: 'at_bound',
      detail: "workers has 6 instances; its max is 6 (the group's MaxSize)",
    });
  });

  it('waits while the process is suspended that its direction needs, and only then', () => {
    expect(plan({ by: 1 }, { suspended: ['Launch'] })).toMatchObject({ kind: 'wait' });
    expect(plan({ by: -1 }, { suspended: ['Launch'] })).toMatchObject({ kind: 'change' });
    expect(plan({ by: -1 }, { suspended: ['Terminate'] })).toMatchObject({ kind: 'wait' });
    expect(plan({ by: 1 }, { suspended: ['Terminate'] })).toMatchObject({ kind: 'change' });
  });

  it('waits for an instance refresh', () => {
    expect(plan({ by: 1 }, { refreshActive: true })).toMatchObject({ kind: 'wait' });
  });

  it('waits for the same when it puts back', () => {
    expect(plan({ by: 1 }, {}, 2)).toMatchObject({ kind: 'change', op: { from: 3, to: 2 } });
    expect(plan({ by: 1 }, { suspended: ['Terminate'] }, 2)).toMatchObject({ kind: 'wait' });
    expect(plan({ by: 1 }, { suspended: ['Launch'] }, 2)).toMatchObject({ kind: 'change' });
    expect(plan({ by: 1 }, { refreshActive: true }, 2)).toMatchObject({ kind: 'wait' });
    expect(plan({ by: 1 }, { min: 3 }, 2)).toMatchObject({ kind: 'refused' });
  });

  it('refuses a group that counts something else than instances, or that is being deleted', () => {
    expect(plan({ by: 1 }, { countsInstances: false })).toMatchObject({ kind: 'refused' });
    expect(plan({ by: 1 }, { deleting: true })).toMatchObject({ kind: 'refused' });
  });
});

describe('asg.resize at an Auto Scaling', () => {
  let sim: AutoScalingSim;
  const change = {
    kind: 'change',
    target: { id: 'asg/workers', name: 'workers' },
    op: { kind: 'resize', from: 2, to: 3, unit: 'instances' },
    version: null,
  } as const;

  function resizing(swarm = {} as Swarm) {
    const autoScaling = createAutoScaling({
      timeoutMs: 5000,
      region: 'eu-central-1',
      endpoint: sim.url(),
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    return createAsgResize({
      autoScaling,
      ec2: {} as Ec2,
      nodes: {} as SwarmNodes,
      swarm,
      workerAsg: 'nodes',
    });
  }

  beforeEach(async () => {
    sim = createAutoScalingSim();
    await sim.start();
    sim.addGroup({ name: 'workers', min: 1, max: 5, desired: 2 });
  });

  afterEach(() => sim.stop());

  it('says in the words of AWS why instances do not come', async () => {
    sim.changeGroup('workers', { launchFailure: 'InsufficientInstanceCapacity: none left.' });
    const resize = resizing();
    await resize.apply(change, sending);
    expect(await resize.verify(change, sending)).toEqual({
      kind: 'converging',
      detail:
        'group workers: 2 of 3 instances are in service; AWS: Failed: InsufficientInstanceCapacity: none left.',
    });
  });

  it('says how the group stands though why it does may not be read, or cannot', async () => {
    sim.changeGroup('workers', { launchFailure: 'none left', desired: 3 });
    const seen = async () => (await resizing().verify(change, sending)).detail;
    const stands = 'group workers: 2 of 3 instances are in service';
    sim.failNext({ action: 'DescribeScalingActivities', page: '<html/>' });
    expect(await seen()).toBe(`${stands}; AWS did not say why`);
    sim.deny('DescribeScalingActivities');
    expect(await seen()).toBe(
      `${stands}; to see why, allow autoscaling:DescribeScalingActivities on *`,
    );
    sim.forget('DescribeScalingActivities');
    expect(await seen()).toBe(stands);
  });

  it('does not ask why where all is as it should be', async () => {
    const resize = resizing();
    await resize.apply(change, sending);
    expect(await resize.verify(change, sending)).toMatchObject({ kind: 'converged' });
    expect(sim.calls).not.toContain('DescribeScalingActivities');
  });

  describe('with the labels of a service', () => {
    const none = { min: undefined, max: undefined };

    async function planFor(labels: Record<string, string>, params: object) {
      const service = { name: 'exporter', labels, containerLabels: {} } as Partial<SwarmService>;
      const swarm = { service: async () => service } as unknown as Swarm;
      const resize = resizing(swarm);
      const all = { group: 'workers', service: 'exporter', ...params };
      return resize.plan(all, await resize.observe(all), none);
    }

    it('takes a step of the size that they give', async () => {
      const labels = { 'com.df.scaleWorkerNodeUpBy': '3' };
      expect(await planFor(labels, { direction: 'up' })).toMatchObject({ op: { to: 5 } });
      expect(await planFor(labels, { direction: 'down' })).toMatchObject({ op: { to: 1 } });
      expect(await planFor(labels, { by: 1 })).toMatchObject({ op: { to: 3 } });
      expect(await planFor(labels, { direction: 'up', step_size: 0 })).toMatchObject({
        op: { to: 5 },
      });
      expect(await planFor(labels, { direction: 'up', step_size: 2 })).toMatchObject({
        op: { to: 4 },
      });
      expect(await planFor(labels, { direction: 'down', step_size: 1 })).toMatchObject({
        op: { to: 1 },
      });
      expect(await planFor(labels, { direction: 'up', role: 'manager' })).toMatchObject({
        op: { to: 3 },
      });
      expect(await planFor(labels, { direction: 'up', service: '' })).toMatchObject({
        op: { to: 3 },
      });
    });

    it('stays within them, within the bounds of the group, and within those of the step', async () => {
      const labels = { 'com.df.scaleWorkerNodeMax': '3', 'com.df.scaleWorkerNodeMin': '2' };
      expect(await planFor(labels, { by: 3 })).toMatchObject({ op: { to: 3 } });
      expect(await planFor(labels, { by: 3, max: 9 })).toMatchObject({ op: { to: 3 } });
      expect(await planFor({ 'com.df.scaleWorkerNodeMax': '9' }, { by: 9 })).toMatchObject({
        op: { to: 5 },
      });
      expect(await planFor(labels, { by: -1 })).toMatchObject({
        kind: 'at_bound',
        detail: expect.stringContaining('label com.df.scaleWorkerNodeMin of service exporter'),
      });
      expect(await planFor({ 'com.df.scaleWorkerNodeMin': '9' }, { by: 1 })).toMatchObject({
        kind: 'refused',
      });
    });

    it('refuses where they cannot be read', async () => {
      expect(await planFor({ 'com.df.scaleWorkerNodeMax': 'many' }, { by: 1 })).toMatchObject({
        kind: 'refused',
        reason: 'labels_unreadable',
        detail: expect.stringContaining('service exporter: label com.df.scaleWorkerNodeMax'),
      });
    });
  });

  it.each<[string, () => void]>([
    ['are not known there', () => sim.forget('DescribeInstanceRefreshes')],
    ['may not be read', () => sim.deny('DescribeInstanceRefreshes')],
  ])('plans where instance refreshes %s', async (_, unsee) => {
    unsee();
    const resize = resizing();
    const params = { group: 'workers', by: 1 };
    const none = { min: undefined, max: undefined };
    expect(resize.plan(params, await resize.observe(params), none)).toMatchObject({
      op: { to: 3 },
    });
  });

  it('waits where they cannot be read for another reason', async () => {
    sim.failNext({ action: 'DescribeInstanceRefreshes', page: '<html/>' });
    await expect(resizing().observe({ group: 'workers', by: 1 })).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});
