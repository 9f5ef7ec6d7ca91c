import type { AutoScaling } from '../target/auto-scaling.js';
import type { Change } from '../target/change.js';
import type { Ec2 } from '../target/ec2.js';
import type { Swarm } from '../target/swarm.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import type { Done, Next } from './action.js';
import type { Effect } from './effect.js';
import { carefulOn } from './emptying.js';
import { type Grown, nextAfterGrowth } from './group-grows.js';
import { chooseLeaver, membersOf } from './group-members.js';
import { nextToShrink, nodeInWork, type Shrinking } from './group-shrinks.js';
import { createInstanceEnd } from './instance-end.js';
import { createNodeAvailability, usesNode } from './node-availability.js';
import { createNodeRemoval } from './node-removal.js';
import { createRestarting, rescheduleLabel } from './restarting.js';

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
  /** Whatever is changed on the way, by what it is counted in. */
  const effects: Readonly<Record<string, Effect>> = {
    availabilities: createNodeAvailability({ nodes, swarm }),
    lives: createInstanceEnd({ autoScaling }),
    memberships: createNodeRemoval({ nodes }),
    'forced updates': restarting.effect,
  };

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
    effectOf: ({ unit }: Change): Effect | undefined => effects[unit],

    /** What follows the new size, in words. */
    outline: ({ from, to }: Change): string =>
      to > from
        ? `once they have joined the Swarm, spread the services labelled ${rescheduleLabel} anew, one after the other`
        : 'one after the other: drain its node, end the instance, remove the node from the Swarm',

    look: (plan: Change, done: readonly Done[]): Promise<Grown | Shrinking> =>
      plan.to > plan.from ? grown(plan.target.name, done) : shrinking(plan.target.name, done),

    next: (plan: Change, done: readonly Done[], seen: Grown | Shrinking): Next =>
      'group' in seen
        ? nextToShrink(plan, done, seen, restarting)
        : nextAfterGrowth(plan, done, seen, restarting),
  };
}
