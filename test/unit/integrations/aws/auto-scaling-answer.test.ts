import { describe, expect, it } from 'vitest';
import { readGroup } from '../../../../src/integrations/aws/auto-scaling-answer.js';

describe('a group as AWS describes it', () => {
  const described = {
    AutoScalingGroupName: 'workers',
    ...{ MinSize: 0, MaxSize: 4, DesiredCapacity: 0 },
    ...{ DefaultCooldown: 300, HealthCheckType: 'EC2', CreatedTime: new Date(0) },
    AvailabilityZones: ['eu-central-1a'],
  };
  const instance = { HealthStatus: 'Healthy', ProtectedFromScaleIn: false, AvailabilityZone: 'a' };

  it('may be of size zero, but not of no size', () => {
    expect(readGroup('workers', described).desired).toBe(0);
    expect(() => readGroup('workers', { ...described, DesiredCapacity: undefined })).toThrow(
      /no usable DesiredCapacity/,
    );
  });

  it('counts no instance in standby, on its way in or out, or in the warm pool', () => {
    const states = [
      ...['InService', 'Standby', 'Pending', 'Pending:Wait', 'Terminating', 'Warmed:Running'],
    ] as const;
    const group = readGroup('workers', {
      ...described,
      Instances: states.map((LifecycleState, index) => ({
        ...instance,
        InstanceId: `i-${index}`,
        LifecycleState: LifecycleState as 'InService',
      })),
    });
    expect(group.inService).toBe(1);
    expect(Object.values(group.otherInstances)).toEqual([1, 1, 1, 1, 1]);
  });

  it('does not count instances where it has weights or another unit', () => {
    const weighted = { LaunchTemplate: { Overrides: [{ WeightedCapacity: '2' }] } };
    const group = (more: object) => readGroup('workers', { ...described, ...more });
    expect(group({ MixedInstancesPolicy: weighted }).countsInstances).toBe(false);
    expect(group({ DesiredCapacityType: 'vcpu' }).countsInstances).toBe(false);
    expect(group({ DesiredCapacityType: 'units' }).countsInstances).toBe(true);
  });

  it('may be on its way out', () => {
    expect(readGroup('workers', { ...described, Status: 'Delete in progress' }).deleting).toBe(
      true,
    );
  });
});
