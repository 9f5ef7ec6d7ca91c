import { randomBytes } from 'node:crypto';

/** What a test or the demo asks for when it puts a group into the simulated Auto Scaling. */
export interface GroupSeed {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** That many instances are InService from the start. */
  readonly desired: number;
  /** Suspended processes: `Launch`, `Terminate`, … */
  readonly suspended?: readonly string[];
  /** Stopped instances of a warm pool, `Warmed:Stopped`. */
  readonly warmed?: number;
  /** Milliseconds of cooldown after a scaling activity; 300 000 unless told. */
  readonly cooldownMs?: number;
  readonly tags?: Readonly<Record<string, string>>;
  /** The state of the latest instance refresh: `InProgress`, `Successful`, …; none unless told. */
  readonly instanceRefresh?: string;
}

/** A change made behind the caller's back; whatever is absent stays. */
export type GroupPatch = Partial<Omit<GroupSeed, 'name' | 'cooldownMs'>>;

export interface Instance {
  readonly id: string;
  readonly warmed: boolean;
  readonly launchedAtMs: number;
  terminatedAtMs: number | undefined;
}

export interface Activity {
  readonly id: string;
  readonly kind: 'launch' | 'terminate';
  readonly instanceId: string;
  readonly cause: string;
  readonly startedAtMs: number;
}

export interface Group {
  readonly name: string;
  readonly createdAtMs: number;
  readonly cooldownMs: number;
  min: number;
  max: number;
  desired: number;
  suspended: readonly string[];
  tags: Readonly<Record<string, string>>;
  instanceRefresh: string | undefined;
  instances: Instance[];
  /** Newest first. */
  activities: Activity[];
}

export interface GroupTime {
  readonly nowMs: number;
  /** How long an instance takes from its launch to InService, and from its end to being gone. */
  readonly launchMs: number;
}

/** A group as it was created long ago: at its desired size, with no activity. */
export function groupOf(seed: GroupSeed, { nowMs, launchMs }: GroupTime): Group {
  const group: Group = {
    name: seed.name,
    createdAtMs: nowMs,
    cooldownMs: seed.cooldownMs ?? 300_000,
    min: seed.min,
    max: seed.max,
    desired: seed.desired,
    suspended: seed.suspended ?? [],
    tags: seed.tags ?? {},
    instanceRefresh: seed.instanceRefresh,
    instances: [],
    activities: [],
  };
  const launchedAtMs = nowMs - launchMs;
  for (let count = 0; count < seed.desired; count += 1) {
    group.instances.push(newInstance(launchedAtMs, false));
  }
  setWarmed(group, seed.warmed ?? 0, launchedAtMs);
  return group;
}

/** Puts so many stopped instances into the warm pool. */
export function setWarmed(group: Group, count: number, launchedAtMs: number): void {
  const pool = Array.from({ length: count }, () => newInstance(launchedAtMs, true));
  group.instances = [...group.instances.filter((instance) => !instance.warmed), ...pool];
}

/**
 * Brings a group up to now: launches what is missing and ends what is too much, unless the process is
 * suspended; forgets instances whose end is past.
 */
export function reconcileGroup(group: Group, time: GroupTime): void {
  const { nowMs, launchMs } = time;
  group.instances = group.instances.filter(
    ({ terminatedAtMs }) => terminatedAtMs === undefined || nowMs < terminatedAtMs + launchMs,
  );
  const active = group.instances.filter(
    (instance) => !instance.warmed && instance.terminatedAtMs === undefined,
  );
  if (!group.suspended.includes('Launch')) {
    for (let count = active.length; count < group.desired; count += 1) {
      const instance = newInstance(nowMs, false);
      group.instances.push(instance);
      record(group, 'launch', instance, nowMs);
    }
  }
  if (!group.suspended.includes('Terminate')) {
    for (const instance of active.slice(group.desired)) {
      instance.terminatedAtMs = nowMs;
      record(group, 'terminate', instance, nowMs);
    }
  }
}

/** The instance's `LifecycleState` now. */
export function lifecycleState(instance: Instance, { nowMs, launchMs }: GroupTime): string {
  if (instance.warmed) return 'Warmed:Stopped';
  if (instance.terminatedAtMs !== undefined) return 'Terminating';
  return nowMs >= instance.launchedAtMs + launchMs ? 'InService' : 'Pending';
}

function newInstance(launchedAtMs: number, warmed: boolean): Instance {
  const id = `i-0${randomBytes(8).toString('hex')}`;
  return { id, warmed, launchedAtMs, terminatedAtMs: undefined };
}

function record(group: Group, kind: Activity['kind'], instance: Instance, nowMs: number): void {
  group.activities.unshift({
    id: randomBytes(16).toString('hex'),
    kind,
    instanceId: instance.id,
    cause: `a user request explicitly set group desired capacity, making it ${group.desired}`,
    startedAtMs: nowMs,
  });
}
