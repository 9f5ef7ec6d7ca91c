import type { Clock } from '../../lib/clock.js';
import {
  endInstance,
  type Group,
  type GroupPatch,
  type GroupSeed,
  type GroupTime,
  groupOf,
  lifecycleState,
  reconcileGroup,
  setWarmed,
} from './group.js';

/** How a group stands now. */
export interface GroupState {
  readonly desired: number;
  readonly inService: number;
}

/** How an instance stands now. */
export interface InstanceState {
  readonly id: string;
  /** Its `LifecycleState`. */
  readonly state: string;
  readonly zone: string;
  /** Its private address. */
  readonly address: string;
}

/** The simulated groups. Time passes only by looking: every look brings them up to now. */
export interface Groups {
  add(seed: GroupSeed): void;
  /** Changes a group behind the caller's back. Throws where there is none. */
  change(name: string, patch: GroupPatch): void;
  /** Throws where there is none. */
  state(name: string): GroupState;
  /** The instances of a group, those that come and go included. Throws where there is none. */
  instances(name: string): readonly InstanceState[];
  all(): readonly Group[];
  find(name: string): Group | undefined;
  /** Keeps an instance from being ended when its group becomes smaller, or no longer. Throws where there is none. */
  protect(instanceId: string, isProtected: boolean): void;
  /** Ends an instance as AWS does of its own accord; the group launches another. Throws where there is none. */
  replace(instanceId: string): void;
  time(): GroupTime;
}

/** @param options.launchMs how long an instance takes to be InService, and to be gone */
export function createGroups(options: {
  readonly clock: Clock;
  readonly launchMs: number;
}): Groups {
  const groups = new Map<string, Group>();

  const time = (): GroupTime => ({ nowMs: options.clock.now(), launchMs: options.launchMs });

  function find(name: string): Group | undefined {
    const group = groups.get(name);
    if (group !== undefined) reconcileGroup(group, time());
    return group;
  }

  function seeded(name: string): Group {
    const group = find(name);
    if (group === undefined) throw new Error(`There is no simulated group "${name}".`);
    return group;
  }

  function seededInstance(id: string) {
    for (const group of groups.values()) {
      const instance = group.instances.find((one) => one.id === id);
      if (instance !== undefined) return { group, instance };
    }
    throw new Error(`There is no simulated instance ${id}.`);
  }

  return {
    time,
    find,
    all() {
      const now = time();
      for (const group of groups.values()) reconcileGroup(group, now);
      return [...groups.values()];
    },
    add(seed) {
      if (groups.has(seed.name)) {
        throw new Error(`There is a simulated group "${seed.name}" already.`);
      }
      groups.set(seed.name, groupOf(seed, time()));
    },
    change(name, { warmed, ...patch }) {
      const group = seeded(name);
      Object.assign(group, patch);
      if (warmed !== undefined) setWarmed(group, warmed, time().nowMs);
      reconcileGroup(group, time());
    },
    protect(instanceId, isProtected) {
      seededInstance(instanceId).instance.isProtected = isProtected;
    },
    replace(instanceId) {
      const { group, instance } = seededInstance(instanceId);
      endInstance(group, instance, time().nowMs);
      reconcileGroup(group, time());
    },
    state(name) {
      const group = seeded(name);
      const now = time();
      const inService = group.instances.filter(
        (instance) => lifecycleState(instance, now) === 'InService',
      );
      return { desired: group.desired, inService: inService.length };
    },
    instances(name) {
      const now = time();
      return seeded(name).instances.map((instance) => {
        const { id, zone, address } = instance;
        return { id, state: lifecycleState(instance, now), zone, address };
      });
    },
  };
}
