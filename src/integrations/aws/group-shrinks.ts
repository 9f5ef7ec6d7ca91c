import type { Done, Next } from '../contract/action.js';
import type { Change } from '../contract/change.js';
import { operationOf, resize } from '../contract/operation.js';
import { type Careful, giveBack, nextToEmpty, setByOthers, standing } from '../swarm/emptying.js';
import type { SwarmNode } from '../swarm/node-answer.js';
import { nodeRemoval } from '../swarm/node-removal.js';
import type { createRestarting } from '../swarm/restarting.js';
import type { AutoScalingGroup } from './auto-scaling-answer.js';
import type { chooseLeaver, Member } from './group-members.js';
import { instanceEnd } from './instance-end.js';

/** What is seen of a group that is to become smaller. */
export interface Shrinking {
  readonly group: AutoScalingGroup;
  readonly members: readonly Member[];
  readonly nodes: readonly SwarmNode[];
  /** Who goes next. */
  readonly leaver: ReturnType<typeof chooseLeaver>;
  /** The services that have to leave the node in work, or else the next one's, by an update of their own. */
  readonly careful: Careful;
}

/** What has been done with the node in work: everything since the last one was gone. */
function inWork(done: readonly Done[], nodes: readonly SwarmNode[]): readonly Done[] {
  const over = done.findLastIndex(({ change, converged }, index) => {
    if (!converged) return false;
    if (change.op.kind === 'remove') return true;
    // its node, which was drained right before, may be removed by someone else
    const drained = done[index - 1]?.change.target.id;
    return (
      change.op.kind === 'end_instance' && !nodes.some(({ id }) => drained === `swarm.node/${id}`)
    );
  });
  return done.slice(over + 1);
}

/** The node in work, of those that are in the Swarm. */
export function nodeInWork(
  done: readonly Done[],
  nodes: readonly SwarmNode[],
): SwarmNode | undefined {
  const ids = inWork(done, nodes).map(({ change }) => change.target.id);
  return nodes.find(({ id }) => ids.includes(`swarm.node/${id}`));
}

/**
 * One instance after the other: its node gets empty, it is ended, and its node is removed, until the group
 * has the size of the plan. A node that does not get empty, or that may not go any more, is given back.
 */
export function nextToShrink(
  plan: Change,
  done: readonly Done[],
  seen: Shrinking,
  restarting: ReturnType<typeof createRestarting>,
): Next {
  const { group, members, nodes, careful } = seen;
  const work = inWork(done, nodes);
  if (work.length === 0) return nextToLeave(plan, done, seen, restarting);
  const node = nodeInWork(done, nodes);
  const ending = work.find(({ change }) => change.op.kind === 'end_instance');
  const failed = work.find(({ converged }) => !converged);
  const isGone = ending !== undefined && !members.some((one) => isStill(one, ending.change));

  if (node === undefined || (failed !== undefined && isGone)) {
    const why = failed?.seen ?? 'its node is no longer in the Swarm';
    return { kind: 'failed', detail: `${why}${node === undefined ? '' : `; ${standing(node)}`}` };
  }
  if (ending !== undefined && failed === undefined) {
    if (node.state === 'down') return nodeRemoval(node);
    return { kind: 'wait', detail: `node ${node.name} is still ${node.state}` };
  }
  const instance = members.find((one) => one.node?.id === node.id)?.instance;
  if (instance?.state !== 'InService') {
    const now =
      instance === undefined
        ? `node ${node.name} is no longer an instance of ${group.name}`
        : `instance ${instance.id} is ${instance.state}, which is not this run's doing`;
    return { kind: 'failed', detail: `${now}; ${standing(node)}` };
  }
  const why =
    (ending === undefined ? resizedByOthers(plan, done, group) : undefined) ??
    failed?.seen ??
    setByOthers(node, work) ??
    (instance.isProtected
      ? `instance ${instance.id} is protected from scale-in by now`
      : undefined);
  if (why !== undefined) return staying(giveBack(node, work, why));
  if (work.at(-1)?.change.op.kind !== 'drain') {
    return nextToEmpty(node, careful, work, restarting.next);
  }
  return isHeld(group) ?? instanceEnd(group, instance);
}

/** The first change for the next one that goes; `complete` where none has to. */
function nextToLeave(
  plan: Change,
  done: readonly Done[],
  { group, leaver, careful }: Shrinking,
  restarting: ReturnType<typeof createRestarting>,
): Next {
  const { to } = operationOf([resize], plan);
  if (wantedNow(plan, done) <= to || group.desired <= to) {
    return { kind: 'complete', detail: `group ${group.name} is set to ${group.desired} instances` };
  }
  const others = resizedByOthers(plan, done, group);
  // before the first change that only means that the plan has to be made again
  if (others !== undefined) return { kind: done.length === 0 ? 'wait' : 'failed', detail: others };
  if ('none' in leaver) {
    return { kind: 'failed', detail: `no instance of ${group.name} can go: ${leaver.none}` };
  }
  return isHeld(group) ?? nextToEmpty(leaver.node, careful, [], restarting.next);
}

/** How many instances the group wants by now if no one else has resized it. */
function wantedNow(plan: Change, done: readonly Done[]): number {
  const ended = done.filter(
    ({ change, converged }) => change.op.kind === 'end_instance' && converged,
  ).length;
  return operationOf([resize], plan).from - ended;
}

function resizedByOthers(
  plan: Change,
  done: readonly Done[],
  { name, desired }: AutoScalingGroup,
): string | undefined {
  const wanted = wantedNow(plan, done);
  if (desired === wanted) return undefined;
  return `group ${name} was set to ${desired} instances outside this run, from ${wanted}`;
}

function isHeld({ name, suspended }: AutoScalingGroup): Next | undefined {
  if (!suspended.includes('Terminate')) return undefined;
  return { kind: 'wait', detail: `group ${name}: its process Terminate is suspended` };
}

function staying(next: Next): Next {
  if (next.kind !== 'failed') return next;
  return { ...next, detail: `${next.detail}, and its instance stays` };
}

function isStill({ instance }: Member, { target }: Change): boolean {
  return target.name === instance.id && instance.state === 'InService';
}
