import { z } from 'zod';
import type { Action, Observation, Plan } from '../contract/action.js';
import type { Change, TargetOf } from '../contract/change.js';
import type { Effect } from '../contract/effect.js';
import { learnResize } from '../contract/learning.js';
import { operationOf, type ResizeOperation, resize } from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import {
  boundFor,
  checkResize,
  planResize,
  planSize,
  type ResizeParams,
  resizeParams,
  type SourcedBounds,
  tighter,
} from '../contract/resize.js';
import { TargetError } from '../contract/target-error.js';
import type { LabelledNumber } from '../swarm/service-labels.js';
import { isServiceName } from '../swarm/service-name.js';
import type { AutoScalingGroup } from './auto-scaling-answer.js';
import { isGroupName } from './group-name.js';
import { createGroupNodes, type GroupNodesOptions } from './group-nodes.js';
import { type NodeScaleLabels, nodeRoles, readNodeScaleLabels } from './node-scale-labels.js';

const params = z
  .strictObject({
    group: z
      .string()
      .refine(isGroupName, 'expected the name of one Auto Scaling group, without wildcards')
      .describe('The name of the group.'),
    ...resizeParams,
    service: z
      .string()
      .refine(
        (name) => name === '' || isServiceName(name),
        'expected the name of one Swarm service',
      )
      .optional()
      .describe(
        'A Swarm service whose labels com.df.scaleWorkerNodeMin and …Max narrow the bounds of the group. Its labels …UpBy and …DownBy set the size of a step in a `direction`. An empty string: none.',
      ),
    step_size: z
      .int()
      .min(0)
      .optional()
      .describe(
        'With `direction`: how many nodes at a time. Default, and for 0: the labels of `service`, else 1.',
      ),
    role: z
      .enum(nodeRoles)
      .optional()
      .describe('`manager`: use the labels com.df.scaleManagerNode… of that service.'),
    nodes: z
      .boolean()
      .optional()
      .describe(
        'Whether its instances are nodes of the Swarm. Jidoka waits until new nodes join, and drains nodes before they end. Default: true for the group in JIDOKA_WORKER_ASG.',
      ),
  })
  .superRefine(checkResize)
  .refine(({ step_size, direction }) => step_size === undefined || direction !== undefined, {
    error: 'expected "direction" beside "step_size"',
    path: ['step_size'],
  });

type Params = z.infer<typeof params>;

interface State {
  readonly group: AutoScalingGroup;
  readonly refreshActive: boolean;
  /** What the labels of the step's service say; `undefined`: it names none. */
  readonly labels?: NodeScaleLabels | undefined;
}

type Resizing = Action<Params, State, TargetOf<'asg'>>;

/** `asg.resize`: changes the desired capacity of an AWS Auto Scaling group. */
export function createAsgResize(
  options: GroupNodesOptions & {
    /** The group whose instances are nodes of the Swarm unless a step says otherwise; may be empty. */
    readonly workerAsg: string;
  },
): Resizing {
  const { autoScaling, swarm, workerAsg } = options;
  const groupNodes = createGroupNodes(options);
  const withinMs = 15 * 60_000;
  const areNodes = ({ group, nodes = group === workerAsg }: Params) => nodes;
  const effectOf = (change: Change) => groupNodes.effectOf(change) ?? size;

  /** The group's size itself. */
  const size: Effect = {
    withinMs,

    // The API has no compare-and-set. Looking once more leaves a moment in which someone else's change
    // would be overwritten, instead of the minutes that an approval may take.
    async apply(change) {
      const { from, to: desired } = operationOf([resize], change);
      const name = change.target.name;
      const group = await autoScaling.group(name);
      if (group.desired !== from) {
        throw new TargetError(
          'stale',
          `group ${name} has changed since it was read: ${group.desired} instances are wanted, not ${from}`,
        );
      }
      await autoScaling.setDesiredCapacity({ name, desired });
    },

    async verify(change) {
      const desired = operationOf([resize], change).to;
      const group = await autoScaling.group(change.target.name);
      if (group.desired !== desired) {
        const detail = `group ${group.name} is set to ${group.desired} instances, not ${desired}`;
        return { kind: 'differs', observed: group.desired, detail };
      }
      const detail = describeInstances(group);
      if (group.inService === desired) return { kind: 'converged', detail };
      const trouble = await troubleOf(group.name);
      return { kind: 'converging', detail: trouble === null ? detail : `${detail}; ${trouble}` };
    },
  };

  /** In AWS' words, for people. That it cannot be read must not hide how the group stands. */
  async function troubleOf(name: string): Promise<string | null> {
    try {
      const trouble = await autoScaling.trouble(name);
      return trouble === null ? null : `AWS: ${trouble}`;
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (error.kind !== 'forbidden') return 'AWS did not say why';
      return 'to see why, allow autoscaling:DescribeScalingActivities on *';
    }
  }

  return {
    name: 'asg.resize',
    summary: 'Changes the number of instances of an AWS Auto Scaling group, within its own bounds.',
    params,
    operations: [resize, ...groupNodes.operations],
    resultAlert: { alertname: 'scale_nodes' },

    learn: ({ group: target }, change) =>
      learnResize(operationOf([resize], change), {
        param: 'group',
        target,
        workerAsg: true,
        verbs: ['shrink', 'grow'],
        besides: "The group's own MinSize and MaxSize hold besides.",
        key: 'groups',
        declare: (desired, min, max) => ({ desired, min, max }),
      }),

    convergeWithinMs: (change) => effectOf(change).withinMs,

    async observe({ group: name, service = '', role = 'worker' }) {
      const [group, refresh, labelled] = await Promise.all([
        autoScaling.group(name),
        autoScaling.instanceRefresh(name),
        service === '' ? undefined : swarm.service(service),
      ]);
      const labels = labelled && readNodeScaleLabels(labelled, role);
      const refreshActive = refresh.kind === 'seen' && refresh.isActive;
      return {
        target: { id: `asg/${name}`, name },
        size: group.desired,
        unit: 'instances',
        version: null,
        state: { group, refreshActive, labels },
      };
    },

    plan,

    planTo(params, observation, to, fallback) {
      if (!areNodes(params)) return planTo(params, observation, to, fallback);
      const why = 'its instances are nodes of the Swarm and run tasks by now';
      return refused(
        `group ${params.group} is not set back to ${JSON.stringify(to)} instances: ${why}`,
      );
    },

    apply: (change, sending) => effectOf(change).apply(change, sending),
    verify: (change, context) => effectOf(change).verify(change, context),

    sequence: {
      outline: (params, plan) => (areNodes(params) ? groupNodes.outline(plan) : undefined),
      look: async ({ params }, plan, done) =>
        areNodes(params) ? groupNodes.look(plan, done) : undefined,

      next({ params }, plan, done, seen) {
        if (areNodes(params)) return groupNodes.next(plan, done, seen);
        const [only] = done;
        if (only === undefined) return plan;
        return { kind: only.converged ? 'complete' : 'failed', detail: only.seen };
      },
    },
  };
}

const plan: Resizing['plan'] = (params, observation) => {
  const { by, direction, step_size: asked = 0 } = params;
  const { upBy, downBy } = observation.state.labels ?? {};
  const labelled = (direction === 'down' ? downBy : upBy)?.value ?? 1;
  const step = asked > 0 ? asked : labelled;
  const delta = by ?? (direction === 'down' ? -step : step);
  return planned(params, observation, (bounds) => planResize(observation, { delta, ...bounds }));
};

const planTo: Resizing['planTo'] = (params, observation, to) =>
  planned(params, observation, (bounds) => planSize(observation, to, bounds));

/** What holds for every change of a group, whatever size it is to have. */
function planned(
  params: Params,
  { state: { group, refreshActive, labels } }: Observation<State>,
  sized: (bounds: SourcedBounds) => Plan<ResizeOperation>,
): Plan {
  const refuse = (detail: string): Plan => ({ kind: 'refused', reason: 'unsupported', detail });
  if (group.deleting) return refuse(`group ${group.name} is being deleted`);
  if (!group.countsInstances) {
    return refuse(
      `group ${group.name} does not count instances (it has weights or counts vCPUs or memory)`,
    );
  }

  const [fault] = labels?.faults ?? [];
  if (fault !== undefined) {
    const detail = `service ${params.service}: ${fault}`;
    return { kind: 'refused', reason: 'labels_unreadable', detail };
  }
  const resized = sized(boundsOf(params, group, labels));
  if (resized.kind !== 'change') return resized;

  const process = resized.op.to > resized.op.from ? 'Launch' : 'Terminate';
  if (group.suspended.includes(process)) {
    return { kind: 'wait', detail: `group ${group.name}: its process ${process} is suspended` };
  }
  if (refreshActive) {
    return { kind: 'wait', detail: `group ${group.name}: an instance refresh is in progress` };
  }
  return resized;
}

/** Returns the bounds that hold for a group: its own, which the step's and the labels' narrow and never widen. */
function boundsOf(
  { min, max }: ResizeParams,
  group: AutoScalingGroup,
  labels: NodeScaleLabels | undefined,
): SourcedBounds {
  // it always gives both, so neither the policy nor a bound's origin decides
  const fallback = { min: undefined, max: undefined };
  const own = (value: number, name: string) => ({ value, source: `the group's ${name}` });
  const said = (one: LabelledNumber | undefined) =>
    one && { value: one.value, source: `label ${one.label}` };
  const ofTarget = {
    min: tighter('min', own(group.min, 'MinSize'), said(labels?.min)),
    max: tighter('max', own(group.max, 'MaxSize'), said(labels?.max)),
  };
  return {
    min: boundFor('min', { step: min, target: ofTarget.min, fallback }),
    max: boundFor('max', { step: max, target: ofTarget.max, fallback }),
  };
}

function describeInstances(group: AutoScalingGroup): string {
  const others = Object.entries(group.otherInstances).map(([state, count]) => `${count} ${state}`);
  return [`group ${group.name}: ${group.inService} of ${group.desired} instances are in service`]
    .concat(others)
    .join(', ');
}
