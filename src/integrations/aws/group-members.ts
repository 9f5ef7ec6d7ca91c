import type { SwarmNode } from '../swarm/node-answer.js';
import type { AutoScalingGroup, GroupInstance } from './auto-scaling-answer.js';
import type { Ec2 } from './ec2.js';

/** An instance of a group, and the node of the Swarm that runs on it. */
export interface Member {
  readonly instance: GroupInstance;
  /** `undefined`: it has not joined, or cannot be told from the others. */
  readonly node: SwarmNode | undefined;
}

/** The label of a node or of its engine that names its instance, where nothing else does. */
const instanceLabel = 'jidoka.instance';

/**
 * Finds the nodes of a group's instances. A node says itself which instance it is, by a label or by its
 * host's name where EC2 gives it the instance's id; else the address tells by which the managers know it.
 * What fits several belongs to none: a wrong match would end the wrong machine.
 *
 * @throws TargetError when EC2 is needed and does not answer.
 */
export async function membersOf(
  { instances }: AutoScalingGroup,
  nodes: readonly SwarmNode[],
  ec2: Ec2,
): Promise<readonly Member[]> {
  // a machine that came back has a node of its earlier life in the Swarm, which is down
  const live = nodes.filter(({ state }) => state !== 'down');
  const candidates = (matches: (node: SwarmNode) => boolean) => {
    const found = live.filter(matches);
    return found.length > 0 ? found : nodes.filter(matches);
  };
  const named = new Map(
    instances.map(({ id }) => [id, only(candidates((node) => settings(node, id)))] as const),
  );
  const unnamed = instances.filter(({ id }) => named.get(id) === undefined).map(({ id }) => id);
  const machines = await ec2.machines(unnamed);
  return instances.map((instance) => {
    const { addresses = [], launchedAtMs = 0 } = machines.get(instance.id) ?? {};
    const isIt = ({ address, state, createdAtMs }: SwarmNode) =>
      // AWS gives addresses out again: a node that joined before was that of an earlier machine
      addresses.includes(address) && (state !== 'down' || createdAtMs >= launchedAtMs);
    return { instance, node: named.get(instance.id) ?? only(candidates(isIt)) };
  });
}

/** Whether a node says that it is this instance: by a label, or by its host's name. (EC2, resource name hostnames) */
function settings({ name, labels, engineLabels }: SwarmNode, id: string): boolean {
  const label = labels[instanceLabel] ?? engineLabels[instanceLabel];
  return label === undefined ? name === id || name.startsWith(`${id}.`) : label === id;
}

function only(nodes: readonly SwarmNode[]): SwarmNode | undefined {
  return nodes.length === 1 ? nodes[0] : undefined;
}

/**
 * Chooses the instance that is to go: in the zone that has most, one that is drained or down already,
 * then the one with the fewest tasks; the same from the same. Managers, protected instances and those
 * whose node is not known never go.
 *
 * @param tasks how many tasks the nodes have, by their ids
 */
export function chooseLeaver(
  members: readonly Member[],
  tasks: ReadonlyMap<string, number>,
): (Member & { readonly node: SwarmNode }) | { readonly none: string } {
  const why: string[] = [];
  const inZone = (zone: string) =>
    members.filter(({ instance }) => instance.zone === zone && instance.state === 'InService')
      .length;
  const free = members.flatMap(({ instance, node }) => {
    const { id, state, isProtected } = instance;
    const kept =
      state !== 'InService'
        ? `it is ${state}`
        : isProtected
          ? 'it is protected from scale-in'
          : node === undefined
            ? `no node of the Swarm matches it (label ${instanceLabel}, host name or address)`
            : node.role === 'manager'
              ? `its node ${node.name} is a manager; demote it by hand first`
              : undefined;
    if (kept !== undefined) why.push(`${id}: ${kept}`);
    return kept === undefined && node !== undefined ? [{ instance, node }] : [];
  });
  const rank = ({ instance, node }: (typeof free)[number]) =>
    [
      -inZone(instance.zone),
      node.state === 'down' ? 0 : node.availability === 'drain' ? 1 : 2,
      tasks.get(node.id) ?? 0,
    ] as const;
  const [first] = free.sort((one, other) => {
    const [a, b] = [rank(one), rank(other)];
    const byRank = a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
    return byRank || (one.instance.id < other.instance.id ? -1 : 1);
  });
  return first ?? { none: why.join('; ') || 'it has no instance' };
}
