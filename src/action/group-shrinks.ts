import type { AutoScalingGroup } from '../target/auto-scaling-answer.js';
import type { Change } from '../target/change.js';
import type { SwarmNode } from '../target/swarm-node-answer.js';
import type { Done, Next } from './action.js';
import { type Careful, nextToEmpty } from './emptying.js';
import type { chooseLeaver, Member } from './group-members.js';
import { instanceEnd } from './instance-end.js';
import { availabilityChange } from './node-availability.js';
import { nodeRemoval } from './node-removal.js';
import type { createRestarting } from './restarting.js';

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

/** What has been done with the node in work: everything since the last one was removed. */
function inWork(done: readonly Done[]): readonly Done[] {
  const removed = done.findLastIndex(
    ({ change, converged }) => change.to === 'removed' && converged,
  );
  return done.slice(removed + 1);
}

/** The node in work, of those that are in the Swarm. */
export function nodeInWork(
  done: readonly Done[],
  nodes: readonly SwarmNode[],
): SwarmNode | undefined {
  const ids = inWork(done).map(({ change }) => change.target.id);
  return nodes.find(({ id }) => ids.includes(`swarm.node/${id}`));
}

/**
 * One instance after the other: its node gets empty, it is ended, and its node is removed, until the group
 * has the size of the plan. A node that does not get empty takes tasks again.
 */
export function nextToShrink(
  plan: Change,
  done: readonly Done[],
  seen: Shrinking,
  restarting: ReturnType<typeof createRestarting>,
): Next {
  const { group, members, nodes, leaver } = seen;
  const work = inWork(done);
  const node = nodeInWork(done, nodes);
  const ending = work.find(({ change }) => change.to === 'ended');
  const failed = work.find(({ converged }) => !converged);

  if (failed !== undefined) {
    const isGone = ending !== undefined && !members.some((one) => isStill(one, ending.change));
    if (isGone || work.at(-1) !== failed || node === undefined || node.availability === 'active') {
      const stays = isGone
        ? ''
        : `; ${node?.name ?? 'its node'} takes tasks, and its instance stays`;
      return { kind: 'failed', detail: `${failed.seen}${stays}` };
    }
    return availabilityChange(node, 'active');
  }
  if (work.length === 0) {
    const ended = done.filter(({ change }) => change.to === 'ended').length;
    const isEnough = ended >= Number(plan.from) - Number(plan.to);
    if (isEnough || group.desired <= Number(plan.to)) {
      return {
        kind: 'complete',
        detail: `group ${group.name} is set to ${group.desired} instances`,
      };
    }
    if ('none' in leaver) {
      return { kind: 'failed', detail: `no instance of ${group.name} can go: ${leaver.none}` };
    }
    return nextToEmpty(leaver.node, seen.careful, [], restarting.next);
  }
  // it was removed by somebody else, or by an answer that was lost
  if (node === undefined) {
    if (ending !== undefined) return { kind: 'complete', detail: 'its node is gone' };
    return { kind: 'failed', detail: 'its node is not in the Swarm any more' };
  }
  if (ending !== undefined) {
    if (node.state === 'down') return nodeRemoval(node);
    return { kind: 'wait', detail: `node ${node.name} is still ${node.state}` };
  }
  if (work.at(-1)?.change.to !== 'drain') {
    return nextToEmpty(node, seen.careful, work, restarting.next);
  }
  const member = members.find((one) => one.node?.id === node.id);
  if (member === undefined) {
    return { kind: 'failed', detail: `node ${node.name} is no instance of ${group.name} any more` };
  }
  return instanceEnd(group, member.instance);
}

function isStill({ instance }: Member, { target }: Change): boolean {
  return target.name === instance.id && instance.state === 'InService';
}
