import { z } from 'zod';
import type { AutoScalingGroup } from '../target/auto-scaling-answer.js';
import type { Change } from '../target/change.js';
import { isGroupName } from '../target/group-name.js';
import { TargetError } from '../target/target-error.js';
import type { Action, Observation, Plan } from './action.js';
import type { Effect } from './effect.js';
import { createGroupNodes, type GroupNodesOptions } from './group-nodes.js';
import {
  checkResize,
  planResize,
  planSize,
  type ResizeParams,
  resizeParams,
  type SourcedBound,
  type SourcedBounds,
} from './resize.js';
import { refused } from './swarm-service.js';

const params = z
  .strictObject({
    group: z
      .string()
      .refine(isGroupName, 'expected the name of one Auto Scaling group, without wildcards')
      .describe('Name of the group.'),
    ...resizeParams,
    nodes: z
      .boolean()
      .optional()
      .describe(
        'Whether its instances are nodes of the Swarm, which join before services are spread over them and are drained before they go. Left out: of the group JIDOKA_WORKER_ASG they are.',
      ),
  })
  .superRefine(checkResize);

type Params = z.infer<typeof params>;

interface State {
  readonly group: AutoScalingGroup;
  readonly refreshActive: boolean;
}

type Resizing = Action<Params, State>;

/** `asg.resize`: changes the desired capacity of an AWS Auto Scaling group. */
export function createAsgResize(
  options: GroupNodesOptions & {
    /** The group whose instances are nodes of the Swarm unless a step says otherwise; may be empty. */
    readonly workerAsg: string;
  },
): Resizing {
  const { autoScaling, workerAsg } = options;
  const groupNodes = createGroupNodes(options);
  const withinMs = 15 * 60_000;
  const areNodes = ({ group, nodes = group === workerAsg }: Params) => nodes;
  const effectOf = (change: Change) => groupNodes.effectOf(change) ?? size;

  /** The group's size itself. */
  const size: Effect = {
    withinMs,

    // The API has no compare-and-set. Looking once more leaves a moment in which somebody else's change
    // would be overwritten, instead of the minutes that an approval may take.
    async apply(change) {
      const desired = desiredOf(change);
      const name = change.target.name;
      const group = await autoScaling.group(name);
      if (group.desired !== change.from) {
        throw new TargetError(
          'stale',
          `group ${name} has changed since it was read: ${group.desired} instances are wanted, not ${change.from}`,
        );
      }
      await autoScaling.setDesiredCapacity({ name, desired });
    },

    async verify(change) {
      const desired = desiredOf(change);
      const group = await autoScaling.group(change.target.name);
      if (group.desired !== desired) {
        const detail = `group ${group.name} is set to ${group.desired} instances, not ${desired}`;
        return { kind: 'differs', observed: group.desired, detail };
      }
      const kind = group.inService === desired ? 'converged' : 'converging';
      return { kind, detail: describeInstances(group) };
    },
  };

  return {
    name: 'asg.resize',
    summary: 'Changes the number of instances of an AWS Auto Scaling group, within its own bounds.',
    params,
    convergeWithinMs: withinMs,

    async observe({ group: name }) {
      const [group, refreshActive] = await Promise.all([
        autoScaling.group(name),
        autoScaling.instanceRefreshActive(name),
      ]);
      return {
        target: { id: `asg/${name}`, name },
        size: group.desired,
        unit: 'instances',
        version: null,
        state: { group, refreshActive },
      };
    },

    plan,

    planTo(params, observation, to, fallback) {
      if (!areNodes(params)) return planTo(params, observation, to, fallback);
      const why = 'its instances are nodes of the Swarm, with tasks of their own by now';
      return refused(`group ${params.group} is not set back to ${to} instances: ${why}`);
    },

    apply: (change) => effectOf(change).apply(change),
    verify: (change) => effectOf(change).verify(change),

    sequence: {
      outline: (params, plan) => (areNodes(params) ? groupNodes.outline(plan) : undefined),
      withinMs: (change) => effectOf(change).withinMs,
      look: async (params, plan, done) =>
        areNodes(params) ? groupNodes.look(plan, done) : undefined,

      next(params, plan, done, seen) {
        if (areNodes(params)) return groupNodes.next(plan, done, seen);
        const [only] = done;
        if (only === undefined) return plan;
        return { kind: only.converged ? 'complete' : 'failed', detail: only.seen };
      },
    },
  };
}

const plan: Resizing['plan'] = (params, observation) => {
  const delta = params.by ?? (params.direction === 'down' ? -1 : 1);
  return planned(params, observation, (bounds) => planResize(observation, { delta, ...bounds }));
};

const planTo: Resizing['planTo'] = (params, observation, to) =>
  planned(params, observation, (bounds) => planSize(observation, to, bounds));

/** What holds for every change of a group, whatever size it is to have. */
function planned(
  params: Params,
  { state: { group, refreshActive } }: Observation<State>,
  sized: (bounds: SourcedBounds) => Plan,
): Plan {
  const refuse = (detail: string): Plan => ({ kind: 'refused', reason: 'unsupported', detail });
  if (group.deleting) return refuse(`group ${group.name} is being deleted`);
  if (!group.countsInstances) {
    return refuse(
      `group ${group.name} does not count instances (it has weights or counts vCPUs or memory)`,
    );
  }

  const resized = sized(boundsOf(params, group));
  if (resized.kind !== 'change') return resized;

  const process = resized.to > resized.from ? 'Launch' : 'Terminate';
  if (group.suspended.includes(process)) {
    return { kind: 'wait', detail: `group ${group.name}: its process ${process} is suspended` };
  }
  if (refreshActive) {
    return { kind: 'wait', detail: `group ${group.name}: an instance refresh is in progress` };
  }
  return resized;
}

/** The group's own bounds, which the step's may narrow and never widen. */
function boundsOf(params: ResizeParams, group: AutoScalingGroup) {
  const own = (value: number, name: string): SourcedBound => ({
    value,
    source: `the group's ${name}`,
  });
  const step = (value: number): SourcedBound => ({ value, source: 'the step' });
  return {
    min:
      params.min !== undefined && params.min > group.min
        ? step(params.min)
        : own(group.min, 'MinSize'),
    max:
      params.max !== undefined && params.max < group.max
        ? step(params.max)
        : own(group.max, 'MaxSize'),
  };
}

function desiredOf({ target, to }: Change): number {
  if (typeof to === 'number') return to;
  throw new TargetError('invalid', `asg.resize cannot set ${target.id} to ${to}`);
}

function describeInstances(group: AutoScalingGroup): string {
  const others = Object.entries(group.otherInstances).map(([state, count]) => `${count} ${state}`);
  return [`group ${group.name}: ${group.inService} of ${group.desired} instances are in service`]
    .concat(others)
    .join(', ');
}
