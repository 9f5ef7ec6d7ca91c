import { randomBytes, randomInt } from 'node:crypto';

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
  /** The zones over which instances are spread; `eu-central-1a` unless told. */
  readonly zones?: readonly string[];
  /** The addresses that its instances get, one after the other; of 10.0.0.0/16 unless told. */
  readonly addresses?: readonly string[];
  /** The state of the latest instance refresh: `InProgress`, `Successful`, …; none unless told. */
  readonly instanceRefresh?: string;
  /** Why no instance can be launched: `InsufficientInstanceCapacity`; unless told, each can. */
  readonly launchFailure?: string | undefined;
}

/** A change made behind the caller's back; whatever is absent stays. */
export type GroupPatch = Partial<Omit<GroupSeed, 'name' | 'cooldownMs' | 'zones' | 'addresses'>>;

export interface Instance {
  readonly id: string;
  readonly zone: string;
  /** Its private address. */
  readonly address: string;
  /** Whether the group may not end it to become smaller. */
  isProtected: boolean;
  readonly warmed: boolean;
  readonly launchedAtMs: number;
  terminatedAtMs: number | undefined;
}

export interface Activity {
  readonly id: string;
  readonly kind: 'launch' | 'terminate';
  /** `undefined`: none was launched. */
  readonly instanceId: string | undefined;
  readonly cause: string;
  readonly startedAtMs: number;
  /** Why it failed; `undefined`: it did not. */
  readonly failure: string | undefined;
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
  launchFailure: string | undefined;
  readonly zones: readonly string[];
  readonly addresses: readonly string[];
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
    launchFailure: seed.launchFailure,
    zones: seed.zones ?? ['eu-central-1a'],
    addresses: seed.addresses ?? [],
    instances: [],
    activities: [],
  };
  const launchedAtMs = nowMs - launchMs;
  for (let count = 0; count < seed.desired; count += 1) {
    group.instances.push(newInstance(group, launchedAtMs, false));
  }
  setWarmed(group, seed.warmed ?? 0, launchedAtMs);
  return group;
}

/** Puts so many stopped instances into the warm pool. */
export function setWarmed(group: Group, count: number, launchedAtMs: number): void {
  group.instances = group.instances.filter((instance) => !instance.warmed);
  for (let made = 0; made < count; made += 1) {
    group.instances.push(newInstance(group, launchedAtMs, true));
  }
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
  if (group.suspended.includes('Launch') || active.length >= group.desired) {
    // nothing is to be launched
  } else if (group.launchFailure !== undefined) {
    failLaunch(group, group.launchFailure, nowMs);
  } else {
    for (let count = active.length; count < group.desired; count += 1) {
      const instance = newInstance(group, nowMs, false);
      group.instances.push(instance);
      record(group, 'launch', instance, nowMs);
    }
  }
  if (!group.suspended.includes('Terminate')) {
    // those that are protected stay, though there are too many then
    const free = active.filter(({ isProtected }) => !isProtected);
    const tooMany = Math.max(0, active.length - group.desired);
    for (const instance of free.reverse().slice(0, tooMany)) endInstance(group, instance, nowMs);
  }
}

/** How long AWS waits before it tries again to launch what could not be launched. */
const launchAgainMs = 60_000;

function failLaunch(group: Group, failure: string, nowMs: number): void {
  const latest = group.activities[0];
  if (latest?.failure !== undefined && nowMs < latest.startedAtMs + launchAgainMs) return;
  record(group, 'launch', undefined, nowMs, failure);
}

/** Begins to end an instance. */
export function endInstance(group: Group, instance: Instance, nowMs: number): void {
  instance.terminatedAtMs = nowMs;
  record(group, 'terminate', instance, nowMs);
}

/** The instance's `LifecycleState` now. */
export function lifecycleState(instance: Instance, { nowMs, launchMs }: GroupTime): string {
  if (instance.warmed) return 'Warmed:Stopped';
  if (instance.terminatedAtMs !== undefined) return 'Terminating';
  return nowMs >= instance.launchedAtMs + launchMs ? 'InService' : 'Pending';
}

/** In the zone that has fewest, with the first address that is free. */
function newInstance(group: Group, launchedAtMs: number, warmed: boolean): Instance {
  const count = (zone: string) => group.instances.filter((one) => one.zone === zone).length;
  const [zone = ''] = [...group.zones].sort((one, other) => count(one) - count(other));
  const taken = new Set(group.instances.map((one) => one.address));
  const address = group.addresses.find((one) => !taken.has(one)) ?? randomAddress();
  const id = `i-0${randomBytes(8).toString('hex')}`;
  return { id, zone, address, isProtected: false, warmed, launchedAtMs, terminatedAtMs: undefined };
}

function randomAddress(): string {
  return `10.0.${randomInt(256)}.${randomInt(1, 255)}`;
}

function record(
  group: Group,
  kind: Activity['kind'],
  instance: Instance | undefined,
  nowMs: number,
  failure?: string,
): void {
  group.activities.unshift({
    id: randomBytes(16).toString('hex'),
    kind,
    instanceId: instance?.id,
    failure,
    cause: `a user request explicitly set group desired capacity, making it ${group.desired}`,
    startedAtMs: nowMs,
  });
}
