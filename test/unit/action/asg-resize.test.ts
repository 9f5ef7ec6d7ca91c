import { describe, expect, it } from 'vitest';
import { createAsgResize } from '../../../src/action/asg-resize.js';
import type { AutoScaling } from '../../../src/target/auto-scaling.js';
import type { AutoScalingGroup } from '../../../src/target/auto-scaling-answer.js';
import type { Ec2 } from '../../../src/target/ec2.js';
import type { Swarm } from '../../../src/target/swarm.js';
import type { SwarmNodes } from '../../../src/target/swarm-nodes.js';

const unreachable: AutoScaling = {
  check: () => Promise.reject(new Error('no')),
  group: () => Promise.reject(new Error('no')),
  countGroups: () => Promise.reject(new Error('no')),
  setDesiredCapacity: () => Promise.reject(new Error('no')),
  terminateInstance: () => Promise.reject(new Error('no')),
  instanceRefreshActive: () => Promise.reject(new Error('no')),
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
      from: 3,
      to: 5,
      unit: 'instances',
      version: null,
    });
    expect(plan({ direction: 'down' })).toMatchObject({ from: 3, to: 2 });
  });

  it("stays within the group's own bounds, whatever the step or the policy say", () => {
    expect(plan({ by: 20 })).toMatchObject({ to: 6 });
    expect(plan({ by: 20, max: 50 })).toMatchObject({ to: 6 });
    expect(plan({ by: -20, min: 0 })).toMatchObject({ to: 1 });
  });

  it("narrows the group's bounds by the step's", () => {
    expect(plan({ by: 20, max: 4 })).toMatchObject({ to: 4 });
    expect(plan({ by: -20, min: 2 })).toMatchObject({ to: 2 });
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
    expect(plan({ by: 1 }, {}, 2)).toMatchObject({ kind: 'change', from: 3, to: 2 });
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
