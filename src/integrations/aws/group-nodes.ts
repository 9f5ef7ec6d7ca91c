import type { Done, Next } from '../contract/action.js';
import type { Change } from '../contract/change.js';
import type { Effect } from '../contract/effect.js';
import { operationOf, resize } from '../contract/operation.js';
import type { Swarm } from '../swarm/client.js';
import { carefulOn } from '../swarm/emptying.js';
import { availabilityKinds, createNodeAvailability, usesNode } from '../swarm/node-availability.js';
import { createNodeRemoval, nodeRemovalKind } from '../swarm/node-removal.js';
import type { SwarmNodes } from '../swarm/nodes.js';
import { restart } from '../swarm/restart.js';
import { createRestarting, rescheduleLabel } from '../swarm/restarting.js';
import type { AutoScaling } from './auto-scaling.js';
import type { Ec2 } from './ec2.js';
import { type Grown, nextAfterGrowth } from './group-grows.js';
import { chooseLeaver, membersOf } from './group-members.js';
import { nextToShrink, nodeInWork, type Shrinking } from './group-shrinks.js';
import { createInstanceEnd, instanceEndKind } from './instance-end.js';

/** The clients that a group takes whose instances are nodes of the Swarm. */
export interface GroupNodesOptions {
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly nodes: SwarmNodes;
  readonly swarm: Swarm;
}

/** What comes before and after the new size of a group whose instances are nodes of the Swarm. */
export function createGroupNodes({ autoScaling, ec2, nodes, swarm }: GroupNodesOptions) {
  const restarting = createRestarting({ swarm });
  const availability = createNodeAvailability({ nodes, swarm });
  /** What is changed on the way, by the kinds of operation. */
  const effects = new Map<string, Effect>([
    ...availabilityKinds.map(({ kind }) => [kind, availability] as const),
    [instanceEndKind.kind, createInstanceEnd({ autoScaling })],
    [nodeRemovalKind.kind, createNodeRemoval({ nodes })],
    [restart.kind, restarting.effect],
  ]);

  async function grown(name: string, done: readonly Done[]): Promise<Grown> {
    // the first change is the new size itself, whatever there is to see
    if (done.length === 0) return { members: [], services: [] };
    const [group, all] = await Promise.all([autoScaling.group(name), nodes.nodes()]);
    const members = await membersOf(group, all, ec2);
    return { members, services: await restarting.labelled(rescheduleLabel) };
  }

  async function shrinking(name: string, done: readonly Done[]): Promise<Shrinking> {
    const [group, all] = await Promise.all([autoScaling.group(name), nodes.nodes()]);
    const members = await membersOf(group, all, ec2);
    const known = members.flatMap(({ node }) => node ?? []);
    const tasks = new Map<string, number>();
    for (const task of await nodes.tasksOn(known.map(({ id }) => id))) {
      const node = known.find(({ id }) => id === task.nodeId);
      if (node === undefined || !usesNode(task, node)) continue;
      tasks.set(node.id, (tasks.get(node.id) ?? 0) + 1);
    }
    const leaver = chooseLeaver(members, tasks);
    const node = nodeInWork(done, all) ?? ('none' in leaver ? undefined : leaver.node);
    const parts = { nodes, swarm, observe: restarting.observe };
    const careful = node === undefined ? [] : await carefulOn(node, parts);
    return { group, members, nodes: all, leaver, careful };
  }

  return {
    /** How a change other than that of the group's size is made; `undefined`: it is none of ours. */
    effectOf: ({ op }: Change): Effect | undefined => effects.get(op.kind),

    /** The kinds of operation besides that of the size. */
    operations: [...availabilityKinds, instanceEndKind, nodeRemovalKind, restart],

    /** What follows the new size, in words. */
    outline: (plan: Change): string =>
      isGrowth(plan)
        ? `once they have joined the Swarm, rebalance the services labelled ${rescheduleLabel}, one after another`
        : 'one after the other: drain its node, end the instance, remove the node from the Swarm',

    look: (plan: Change, done: readonly Done[]): Promise<Grown | Shrinking> =>
      isGrowth(plan) ? grown(plan.target.name, done) : shrinking(plan.target.name, done),

    next: (plan: Change, done: readonly Done[], seen: Grown | Shrinking): Next =>
      'group' in seen
        ? nextToShrink(plan, done, seen, restarting)
        : nextAfterGrowth(plan, done, seen, restarting),
  };
}

function isGrowth(plan: Change): boolean {
  const { from, to } = operationOf([resize], plan);
  return to > from;
}
