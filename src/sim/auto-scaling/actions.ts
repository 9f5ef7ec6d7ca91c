import type { AwsCall } from './call.js';
import { endInstance, type Group, reconcileGroup } from './group.js';
import type { Groups } from './groups.js';
import { pageOf, recordsAsked } from './paging.js';
import {
  apiVersion,
  countParam,
  listParam,
  refuseUnknownParams,
  requiredParam,
  unknownAction,
} from './query.js';
import { constraintError, ServiceError, validationError } from './service-error.js';
import { activityView, groupView, refreshView } from './views.js';
import type { XmlValue } from './xml.js';

/** A change of a group's desired capacity that the simulated service took. */
export interface CapacityChange {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly honorCooldown: boolean;
  /** The instance that was ended by name; absent where the group chose for itself. */
  readonly terminated?: string;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** Performs a call; `undefined` is an answer without a result. Throws ServiceError. */
export type PerformCall = (call: AwsCall) => XmlValue;

const groupsAPage = 50;
const activitiesAPage = 100;
const refreshesAPage = 50;

/**
 * DescribeAutoScalingGroups, SetDesiredCapacity, TerminateInstanceInAutoScalingGroup,
 * DescribeInstanceRefreshes and DescribeScalingActivities.
 *
 * @param options.record told of every change that took effect
 */
export function createActions(options: {
  readonly groups: Groups;
  readonly record: (change: CapacityChange) => void;
}): PerformCall {
  const { groups } = options;

  /** AWS names the group it did not find `null`, whatever was asked for. */
  function existing(name: string): Group {
    const group = groups.find(name);
    if (group === undefined) throw validationError('AutoScalingGroup name not found - null');
    return group;
  }

  function describeGroups(call: AwsCall): XmlValue {
    const known = ['AutoScalingGroupNames', 'IncludeInstances', 'MaxRecords', 'NextToken'];
    refuseUnknownParams(call, known);
    const names = listParam(call, 'AutoScalingGroupNames');
    const most = recordsAsked(call, groupsAPage);
    if (names.length > most) {
      const constraint = `have length less than or equal to ${most}`;
      throw constraintError('autoScalingGroupNames', `'[${names.join(', ')}]'`, constraint);
    }
    const asked = groups.all().filter(({ name }) => names.length === 0 || names.includes(name));
    const page = pageOf(call, asked, groupsAPage);
    const withInstances = call.params.get('IncludeInstances') !== 'false';
    return {
      AutoScalingGroups: page.items.map((group) => groupView(group, groups.time(), withInstances)),
      NextToken: page.nextToken,
    };
  }

  function setDesiredCapacity(call: AwsCall): undefined {
    refuseUnknownParams(call, ['AutoScalingGroupName', 'DesiredCapacity', 'HonorCooldown']);
    const name = requiredParam(call, 'AutoScalingGroupName');
    const to = countParam(call, 'DesiredCapacity', requiredParam(call, 'DesiredCapacity'));
    const honorCooldown = call.params.get('HonorCooldown') === 'true';
    const group = existing(name);
    const now = groups.time();
    refuseOutOfBounds(group, to);
    if (honorCooldown) refuseInCooldown(group, now.nowMs);
    const from = group.desired;
    group.desired = to;
    reconcileGroup(group, now);
    options.record({ group: name, from, to, honorCooldown, at: now.nowMs });
    return undefined;
  }

  function terminateInstance(call: AwsCall): XmlValue {
    refuseUnknownParams(call, ['InstanceId', 'ShouldDecrementDesiredCapacity']);
    const id = requiredParam(call, 'InstanceId');
    const decrement = requiredParam(call, 'ShouldDecrementDesiredCapacity') === 'true';
    const group = groups.all().find(({ instances }) => instances.some((one) => one.id === id));
    const instance = group?.instances.find((one) => one.id === id);
    if (group === undefined || instance === undefined) {
      throw validationError(
        `Instance Id not found - No managed instance found for instance ID: ${id}`,
      );
    }
    if (instance.terminatedAtMs !== undefined) {
      throw new ServiceError(
        'ScalingActivityInProgress',
        400,
        `Activity ${group.activities[0]?.id} is already terminating instance ${id}`,
      );
    }
    if (decrement && group.desired <= group.min) {
      throw validationError(
        `Currently, desiredSize equals minSize (${group.min}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
      );
    }
    const now = groups.time();
    endInstance(group, instance, now.nowMs);
    const from = group.desired;
    if (decrement) {
      group.desired -= 1;
      options.record({
        group: group.name,
        from,
        to: group.desired,
        honorCooldown: false,
        terminated: id,
        at: now.nowMs,
      });
    }
    reconcileGroup(group, now);
    const [activity] = group.activities;
    return activity === undefined ? {} : { Activity: activityView(group, activity, now) };
  }

  function describeRefreshes(call: AwsCall): XmlValue {
    refuseUnknownParams(call, ['AutoScalingGroupName', 'MaxRecords', 'NextToken']);
    const group = existing(requiredParam(call, 'AutoScalingGroupName'));
    const refreshes = group.instanceRefresh === undefined ? [] : [group.instanceRefresh];
    const page = pageOf(call, refreshes, refreshesAPage);
    return {
      InstanceRefreshes: page.items.map((status) => refreshView(group, status)),
      NextToken: page.nextToken,
    };
  }

  function describeActivities(call: AwsCall): XmlValue {
    refuseUnknownParams(call, ['AutoScalingGroupName', 'MaxRecords', 'NextToken']);
    const name = call.params.get('AutoScalingGroupName');
    const asked = name === undefined ? groups.all() : [existing(name)];
    const activities = asked
      .flatMap((group) => group.activities.map((activity) => ({ group, activity })))
      .sort((one, other) => other.activity.startedAtMs - one.activity.startedAtMs);
    const page = pageOf(call, activities, activitiesAPage);
    const now = groups.time();
    return {
      Activities: page.items.map(({ group, activity }) => activityView(group, activity, now)),
      NextToken: page.nextToken,
    };
  }

  const actions = new Map<string, PerformCall>([
    ['DescribeAutoScalingGroups', describeGroups],
    ['SetDesiredCapacity', setDesiredCapacity],
    ['TerminateInstanceInAutoScalingGroup', terminateInstance],
    ['DescribeInstanceRefreshes', describeRefreshes],
    ['DescribeScalingActivities', describeActivities],
  ]);

  return (call) => {
    const action = actions.get(call.action);
    if (action === undefined) throw unknownAction(call.action, apiVersion);
    return action(call);
  };
}

function refuseOutOfBounds({ min, max }: Group, to: number): void {
  const [side, bound] = to > max ? ['above max', max] : ['below min', min];
  if (to >= min && to <= max) return;
  throw validationError(
    `New SetDesiredCapacity value ${to} is ${side} value ${bound} for the AutoScalingGroup.`,
  );
}

function refuseInCooldown({ activities, cooldownMs }: Group, nowMs: number): void {
  const [latest] = activities;
  if (latest === undefined || nowMs >= latest.startedAtMs + cooldownMs) return;
  throw new ServiceError(
    'ScalingActivityInProgress',
    400,
    `Scaling activity ${latest.id} is in progress and blocks this action`,
  );
}
