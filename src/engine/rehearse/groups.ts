import type { Clock } from '../../clock.js';
import type { AutoScaling } from '../../target/auto-scaling.js';
import { isGroupName } from '../../target/group-name.js';
import { TargetError } from '../../target/target-error.js';
import {
  type Capacity,
  capacityOf,
  requireReachable,
  requireWilling,
  resize,
  runningNow,
} from './capacity.js';
import type { Effect, GroupState, World } from './world.js';

interface Group extends Capacity {
  state: GroupState;
  /** The numbers of the instances that are wanted, and the last one that was given. */
  numbers: number[];
  lastNumber: number;
  /** Those that were ended, and until when they are still there. */
  leaving: { readonly number: number; readonly untilMs: number }[];
}

interface Options {
  readonly world: Pick<World, 'group'>;
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** The groups of a world, behind what the actions know of Auto Scaling. */
export function createRehearsedGroups({ world, clock, onEffect }: Options) {
  const groups = new Map<string, Group | undefined>();

  function known(name: string): Group | undefined {
    if (groups.has(name)) return groups.get(name);
    const state = world.group(name);
    const group = state && {
      ...capacityOf(state.desired),
      state,
      numbers: Array.from({ length: state.desired }, (_, index) => index + 1),
      lastNumber: state.desired,
      leaving: [],
    };
    groups.set(name, group);
    return group;
  }

  function find(name: string): Group {
    if (!isGroupName(name)) {
      throw new TargetError('invalid', `"${name}" cannot be the name of an Auto Scaling group`);
    }
    const group = known(name);
    if (group !== undefined) {
      requireReachable(`group ${name}`, group.state.reaction);
      return group;
    }
    throw new TargetError('not_found', `Auto Scaling: there is no group named "${name}"`);
  }

  /** The lifecycle states of a group's instances, by their numbers. */
  function stateOfEach(group: Group): ReadonlyMap<number, string> {
    const inService = runningNow(group, group.state.reaction, clock);
    const going = group.leaving.filter(({ untilMs }) => clock.now() < untilMs);
    return new Map([
      ...group.numbers.map(
        (number, index) => [number, index < inService ? 'InService' : 'Pending'] as const,
      ),
      ...going.map(({ number }) => [number, 'Terminating'] as const),
    ]);
  }

  /** Has a group want so many instances: new ones get new numbers, and the youngest go. */
  function setWanted(group: Group, wanted: number): void {
    resize(group, wanted, group.state.reaction, clock);
    while (group.numbers.length < wanted) {
      group.lastNumber += 1;
      group.numbers.push(group.lastNumber);
    }
    group.numbers.length = wanted;
  }

  const autoScaling: AutoScaling = {
    check: async () => ({ region: 'rehearsed' }),
    countGroups: async () => 0,
    instanceRefreshActive: async () => false,

    async group(name) {
      const group = find(name);
      const { min, max, suspended, reaction } = group.state;
      const inService = runningNow(group, reaction, clock);
      const pending = Math.max(group.wanted - inService, 0);
      return {
        name,
        min,
        max,
        desired: group.wanted,
        inService,
        otherInstances: pending === 0 ? {} : { Pending: pending },
        instances: [...stateOfEach(group)].map(([number, state]) => ({
          id: instanceId(name, number),
          state,
          zone: 'rehearsed',
          isProtected: false,
        })),
        suspended,
        countsInstances: true,
        deleting: false,
      };
    },

    async setDesiredCapacity({ name, desired }) {
      const group = find(name);
      requireWilling(`group ${name}`, group.state.reaction);
      const from = group.wanted;
      setWanted(group, desired);
      onEffect({ atMs: clock.now(), kind: 'asg', name, does: 'resize', from, to: desired });
    },

    async terminateInstance(id) {
      const [name, group] =
        [...groups].find(([one, { numbers = [] } = {}]) =>
          numbers.some((number) => instanceId(one, number) === id),
        ) ?? [];
      if (name === undefined || group === undefined) {
        throw new TargetError('not_found', `Auto Scaling: there is no instance ${id}`);
      }
      requireWilling(`group ${name}`, group.state.reaction);
      const from = group.wanted;
      const number = group.numbers.find((one) => instanceId(name, one) === id) ?? 0;
      group.numbers = group.numbers.filter((one) => one !== number);
      const { reaction } = group.state;
      const untilMs =
        reaction.kind === 'converge' ? clock.now() + reaction.afterMs : Number.POSITIVE_INFINITY;
      group.leaving.push({ number, untilMs });
      resize(group, from - 1, group.state.reaction, clock);
      onEffect({ atMs: clock.now(), kind: 'asg', name, does: 'resize', from, to: from - 1 });
    },
  };

  return {
    autoScaling,

    /** The instances of the groups that are known, and whether each has come up. */
    instances(): ReadonlyMap<string, boolean> {
      const found = new Map<string, boolean>();
      for (const [name, group] of groups) {
        if (group === undefined) continue;
        for (const [number, state] of stateOfEach(group)) {
          found.set(instanceId(name, number), state !== 'Pending');
        }
      }
      return found;
    },

    /** The instances that are wanted of a group; `undefined`: there is no such group. */
    desired: (name: string): number | undefined => known(name)?.wanted,

    /** Changes a group as somebody else would. `undefined`: it is gone. */
    change(name: string, patch: Partial<GroupState> | undefined): void {
      const group = known(name);
      if (patch === undefined) groups.set(name, undefined);
      if (patch === undefined || group === undefined) return;
      group.state = { ...group.state, ...patch };
      if (patch.desired !== undefined) setWanted(group, patch.desired);
    },
  };
}

/** What an instance of a rehearsed group is called: `workers-3`. */
function instanceId(group: string, number: number): string {
  return `${group}-${number}`;
}
