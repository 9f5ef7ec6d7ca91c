import type { Clock } from '../../clock.js';
import {
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

/** The simulated groups. Time passes only by looking: every look brings them up to now. */
export interface Groups {
  add(seed: GroupSeed): void;
  /** Changes a group behind the caller's back. Throws where there is none. */
  change(name: string, patch: GroupPatch): void;
  /** Throws where there is none. */
  state(name: string): GroupState;
  all(): readonly Group[];
  find(name: string): Group | undefined;
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
    state(name) {
      const group = seeded(name);
      const now = time();
      const inService = group.instances.filter(
        (instance) => lifecycleState(instance, now) === 'InService',
      );
      return { desired: group.desired, inService: inService.length };
    },
  };
}
