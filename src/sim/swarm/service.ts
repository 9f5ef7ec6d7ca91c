import { randomInt } from 'node:crypto';

/** A count the Engine API calls uint64; absent means 1. */
export type Mode =
  | { readonly Replicated: { readonly Replicas?: number } }
  | { readonly Global: Record<string, never> }
  | {
      readonly ReplicatedJob: {
        readonly MaxConcurrent?: number;
        readonly TotalCompletions?: number;
      };
    };

/** A service's spec, as far as the simulation reads it; the rest is kept as it came. */
export interface ServiceSpec {
  readonly Name: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly TaskTemplate: Readonly<Record<string, unknown>>;
  readonly Mode: Mode;
  readonly [key: string]: unknown;
}

/** The states of a rolling update in the Engine API. */
export type UpdateState =
  | 'updating'
  | 'paused'
  | 'completed'
  | 'rollback_started'
  | 'rollback_paused'
  | 'rollback_completed';

/** What a test or the demo asks for when it puts a service into the simulated Swarm. */
export interface ServiceSeed {
  readonly name: string;
  /** `replicated` unless told. */
  readonly mode?: 'replicated' | 'global' | 'replicated-job';
  /** Replicas, or completions of a job; 1 unless told. They run from the start. */
  readonly replicas?: number;
  readonly labels?: Readonly<Record<string, string>>;
  /** The labels of its containers; none unless told. */
  readonly containerLabels?: Readonly<Record<string, string>>;
  /** `simulated:latest` unless told. */
  readonly image?: string;
  /** Tasks of this image start and never run: Swarm pauses a rollout of it. */
  readonly brokenImage?: string;
  /** Its `UpdateConfig`; none unless told. */
  readonly update?: Readonly<Record<string, unknown>>;
  /** Tasks that are added later find no node: they stay `pending`. */
  readonly stuck?: boolean;
  /** As if a rolling update stood there. */
  readonly updateState?: UpdateState;
}

export interface Task {
  readonly id: string;
  /** From 1 on, a job's from 0 on; absent for a global service, whose tasks have no slots. */
  readonly slot: number | undefined;
  /** Empty while no node takes it. */
  nodeId: string;
  readonly template: ServiceSpec['TaskTemplate'];
  readonly createdAtMs: number;
  readonly iteration: number;
  version: number;
  /** When a node took it; `undefined` while none does. */
  placedAtMs: number | undefined;
  /** When it was told to go. */
  removedAtMs: number | undefined;
  /** It went because its node was drained or went down: it stays in the history. */
  isMoved?: boolean;
  updatedAtMs: number;
}

export interface UpdateStatus {
  readonly state: UpdateState;
  readonly startedAtMs: number;
  readonly completedAtMs?: number;
}

export interface Service {
  readonly id: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
  version: number;
  spec: ServiceSpec;
  previousSpec: ServiceSpec | undefined;
  updateStatus: UpdateStatus | undefined;
  /** Since when tasks are being replaced; `undefined` when none are, also when `updateStatus` was set by hand. */
  rollingSinceMs: number | undefined;
  iteration: number;
  stuck: boolean;
  brokenImage: string | undefined;
  tasks: Task[];
}

/** An id in Swarm's form: 25 lower-case letters and digits. */
export function swarmId(): string {
  return Array.from({ length: 25 }, () => randomInt(36).toString(36)).join('');
}

/** The spec that `docker service create` would have made of a seed. */
export function specOf(seed: ServiceSeed): ServiceSpec {
  return {
    Name: seed.name,
    Labels: seed.labels ?? {},
    TaskTemplate: {
      ContainerSpec: {
        Image: seed.image ?? 'simulated:latest',
        ...(seed.containerLabels === undefined ? {} : { Labels: seed.containerLabels }),
        Init: false,
        DNSConfig: {},
        Isolation: 'default',
      },
      Resources: { Limits: {}, Reservations: {} },
      Placement: {},
      ForceUpdate: 0,
      Runtime: 'container',
    },
    Mode: modeOf(seed),
    ...(seed.update === undefined ? {} : { UpdateConfig: seed.update }),
    EndpointSpec: { Mode: 'vip' },
  };
}

function modeOf(seed: ServiceSeed): Mode {
  const count = seed.replicas ?? 1;
  switch (seed.mode ?? 'replicated') {
    case 'replicated':
      return { Replicated: { Replicas: count } };
    case 'global':
      return { Global: {} };
    case 'replicated-job':
      return { ReplicatedJob: { MaxConcurrent: count, TotalCompletions: count } };
  }
}

/** The image of a task template. */
export function imageOf(template: ServiceSpec['TaskTemplate']): string {
  const container = template.ContainerSpec as { readonly Image?: string } | undefined;
  return container?.Image ?? '';
}

/** The ids of the configs that the tasks of a spec use. */
export function configsOf({ TaskTemplate }: ServiceSpec): readonly string[] {
  const { Configs = [] } = (TaskTemplate.ContainerSpec ?? {}) as {
    readonly Configs?: readonly { readonly ConfigID?: string }[];
  };
  return Configs.flatMap(({ ConfigID }) => ConfigID ?? []);
}

/** The mode's key in a spec: `Replicated`, `Global` or `ReplicatedJob`. */
export function modeName(mode: Mode): string {
  return Object.keys(mode)[0] ?? '';
}

/** The replicas of a replicated service; `null` for every other mode, which has none. */
export function replicasOf(spec: ServiceSpec): number | null {
  return 'Replicated' in spec.Mode ? (spec.Mode.Replicated.Replicas ?? 1) : null;
}
