import {
  type Activity,
  type Group,
  type GroupTime,
  type Instance,
  lifecycleState,
} from './group.js';
import type { XmlValue } from './xml.js';

const account = 'arn:aws:autoscaling:eu-central-1:123456789012';

/** A group as DescribeAutoScalingGroups shows it. */
export function groupView(group: Group, time: GroupTime, withInstances: boolean): XmlValue {
  return {
    AutoScalingGroupName: group.name,
    AutoScalingGroupARN: `${account}:autoScalingGroup:simulated:autoScalingGroupName/${group.name}`,
    MinSize: group.min,
    MaxSize: group.max,
    DesiredCapacity: group.desired,
    DefaultCooldown: Math.round(group.cooldownMs / 1000),
    AvailabilityZones: group.zones,
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    HealthCheckType: 'EC2',
    HealthCheckGracePeriod: 300,
    Instances: withInstances
      ? group.instances.map((instance) => ({
          InstanceId: instance.id,
          InstanceType: 't3.medium',
          AvailabilityZone: instance.zone,
          LifecycleState: lifecycleState(instance, time),
          HealthStatus: 'Healthy',
          ProtectedFromScaleIn: instance.isProtected,
        }))
      : [],
    CreatedTime: iso(group.createdAtMs),
    SuspendedProcesses: group.suspended.map((name) => ({
      ProcessName: name,
      SuspensionReason: `User suspended at ${iso(group.createdAtMs)}`,
    })),
    EnabledMetrics: [],
    Tags: Object.entries(group.tags).map(([key, value]) => ({
      ResourceId: group.name,
      ResourceType: 'auto-scaling-group',
      Key: key,
      Value: value,
      PropagateAtLaunch: true,
    })),
    TerminationPolicies: ['Default'],
    NewInstancesProtectedFromScaleIn: false,
    ...(group.instances.some((instance) => instance.warmed)
      ? { WarmPoolSize: group.instances.filter((instance) => instance.warmed).length }
      : {}),
  };
}

/** An instance as DescribeInstances of EC2 shows it, as far as it is about its addresses. */
export function instanceView(instance: Instance, time: GroupTime): XmlValue {
  const state = instance.terminatedAtMs === undefined ? 'running' : 'shutting-down';
  const code = state === 'running' ? 16 : 32;
  const name = lifecycleState(instance, time) === 'Warmed:Stopped' ? 'stopped' : state;
  return {
    instanceId: instance.id,
    imageId: 'ami-0123456789abcdef0',
    instanceState: { code: name === 'stopped' ? 80 : code, name },
    privateIpAddress: instance.address,
    launchTime: new Date(instance.launchedAtMs).toISOString(),
    instanceType: 't3.medium',
    placement: { availabilityZone: instance.zone },
  };
}

/** An activity as DescribeScalingActivities shows it. */
export function activityView(
  group: Group,
  activity: Activity,
  { nowMs, launchMs }: GroupTime,
): XmlValue {
  const { failure, instanceId } = activity;
  const endedAtMs = activity.startedAtMs + (failure === undefined ? launchMs : 0);
  const over = nowMs >= endedAtMs;
  const what = activity.kind === 'launch' ? 'Launching a new' : 'Terminating';
  const which = instanceId === undefined ? '.' : `: ${instanceId}`;
  const reason = failure === undefined ? '' : `  Status Reason: ${failure}`;
  return {
    ActivityId: activity.id,
    AutoScalingGroupName: group.name,
    Description: `${what} EC2 instance${which}${reason}`,
    Cause: `At ${iso(activity.startedAtMs)} ${activity.cause}.`,
    StartTime: iso(activity.startedAtMs),
    ...(over ? { EndTime: iso(endedAtMs) } : {}),
    StatusCode: failure !== undefined ? 'Failed' : over ? 'Successful' : 'InProgress',
    StatusMessage: failure,
    Progress: over ? 100 : 50,
    Details: '{}',
  };
}

/** The latest instance refresh as DescribeInstanceRefreshes shows it. */
export function refreshView(group: Group, status: string): XmlValue {
  return {
    InstanceRefreshId: '08b91cf7-8fa6-48af-b6a6-d227f40f1b9b',
    AutoScalingGroupName: group.name,
    Status: status,
    StartTime: iso(group.createdAtMs),
    PercentageComplete: status === 'Successful' ? 100 : 50,
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
