import type { Activity, AutoScalingGroup as Described } from '@aws-sdk/client-auto-scaling';
import type { GroupActivity } from '../contract/evidence.js';
import { TargetError } from '../contract/target-error.js';

/** An instance of a group. */
export interface GroupInstance {
  readonly id: string;
  /** Its `LifecycleState`: `Pending`, `InService`, `Terminating:Wait`, … */
  readonly state: string;
  readonly zone: string;
  /** Whether the group may not end it to become smaller. */
  readonly isProtected: boolean;
}

/** An Auto Scaling group as it was read. */
export interface AutoScalingGroup {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  /** Instances in service; warmed ones and those in standby do not count. */
  readonly inService: number;
  /** How many instances are in each other state: `Pending`, `Standby`, `Warmed:Stopped`, … */
  readonly otherInstances: Readonly<Record<string, number>>;
  readonly instances: readonly GroupInstance[];
  /** Names of suspended processes: `Launch`, `Terminate`, … */
  readonly suspended: readonly string[];
  /** Whether its sizes count instances, and not vCPUs, memory or weights. */
  readonly countsInstances: boolean;
  readonly deleting: boolean;
}

/**
 * Reads what DescribeAutoScalingGroups says of one group.
 *
 * @throws TargetError `unavailable` if a size is missing: it must never pass for a zero.
 */
export function readGroup(name: string, group: Described): AutoScalingGroup {
  const size = (field: 'MinSize' | 'MaxSize' | 'DesiredCapacity') => {
    const value = group[field];
    if (value !== undefined && Number.isSafeInteger(value) && value >= 0) return value;
    throw new TargetError(
      'unavailable',
      `Auto Scaling: the answer about group ${name} has no usable ${field}`,
    );
  };
  const otherInstances: Record<string, number> = {};
  let inService = 0;
  for (const { LifecycleState: state = 'unknown' } of group.Instances ?? []) {
    if (state === 'InService') inService += 1;
    else otherInstances[state] = (otherInstances[state] ?? 0) + 1;
  }
  const overrides = group.MixedInstancesPolicy?.LaunchTemplate?.Overrides ?? [];
  const weighted = [...overrides, ...(group.Instances ?? [])].some(
    (one) => one.WeightedCapacity !== undefined && one.WeightedCapacity !== '1',
  );
  return {
    name,
    min: size('MinSize'),
    max: size('MaxSize'),
    desired: size('DesiredCapacity'),
    inService,
    otherInstances,
    instances: (group.Instances ?? []).map((one) => {
      const {
        InstanceId: id,
        LifecycleState: state = 'unknown',
        AvailabilityZone: zone = '',
      } = one;
      if (id === undefined) {
        const what = `the answer about group ${name} holds an instance without an id`;
        throw new TargetError('unavailable', `Auto Scaling: ${what}`);
      }
      // what is not said to be free to go is protected
      return { id, state, zone, isProtected: one.ProtectedFromScaleIn !== false };
    }),
    suspended: (group.SuspendedProcesses ?? []).map((one) => one.ProcessName ?? ''),
    countsInstances: !weighted && (group.DesiredCapacityType ?? 'units') === 'units',
    deleting: group.Status !== undefined,
  };
}

/** AWS' sentences are short; what is longer is a stand-in's. */
const maxReasonLength = 500;

/** Reads one activity, in AWS' words. */
export function readActivity(activity: Activity): GroupActivity {
  const { StartTime, StatusCode, Description = '', StatusMessage = '' } = activity;
  return {
    atMs: StartTime?.getTime() ?? 0,
    status: StatusCode ?? 'unknown',
    description: Description.slice(0, maxReasonLength),
    message: StatusMessage.slice(0, maxReasonLength),
  };
}

/**
 * What AWS says about the newest activity that has not succeeded, of those since the last that has.
 *
 * @param activities newest first, as DescribeScalingActivities lists them
 */
export function troubleIn(activities: readonly Activity[]): string | null {
  const isOver = activities.findIndex(({ StatusCode: code }) => code === 'Successful');
  const latest = isOver === -1 ? activities : activities.slice(0, isOver);
  const told =
    latest.find(({ StatusMessage: message }) => message) ??
    latest.find(({ StatusCode: code }) => code !== undefined && code !== 'InProgress');
  if (told === undefined) return null;
  const said = [told.StatusCode, told.StatusMessage].filter((text) => text).join(': ');
  return said.slice(0, maxReasonLength);
}
