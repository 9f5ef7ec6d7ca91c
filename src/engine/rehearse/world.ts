import type { EffectWord } from '../../playbook/test/effect-words.js';
import type { ServiceMode } from '../../target/swarm-answer.js';
import type { Availability } from '../../target/swarm-node-answer.js';

/** How a target takes a change that it is asked for. */
export type Reaction =
  /** It is as it was asked to be after `afterMs`. */
  | { readonly kind: 'converge'; readonly afterMs: number }
  /** It takes the change, and what is added never runs: there is no room. */
  | { readonly kind: 'stuck' }
  /** It takes the change, and its rollout stops half-way. A group is stuck. */
  | { readonly kind: 'fail' }
  /** It refuses the change for good. */
  | { readonly kind: 'refuse' }
  /** It can neither be read nor changed at present. */
  | { readonly kind: 'unavailable' };

/** A Swarm service as a rehearsal finds it. */
export interface ServiceState {
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly mode: ServiceMode;
  /** `UpdateStatus.State` of the Engine API; `undefined`: no rollout. */
  readonly updateState: string | undefined;
  readonly reaction: Reaction;
}

/** An Auto Scaling group as a rehearsal finds it. */
export interface GroupState {
  readonly desired: number;
  readonly min: number;
  readonly max: number;
  /** Suspended processes: `Launch`, `Terminate`, … */
  readonly suspended: readonly string[];
  readonly reaction: Reaction;
}

/** A node of the Swarm as a rehearsal finds it. */
export interface NodeState {
  readonly name: string;
  readonly state: 'ready' | 'down';
  readonly availability: Availability;
}

/** How a rehearsal has an address answer: done, refused for good, not now, without an answer, or not at all. */
export type Reply = 'accepts' | 'refuses' | 'busy' | 'silent' | 'unavailable';

/** The targets of a rehearsal. Each is asked for once, when it is first needed; they may be made up then. */
export interface World {
  /** `undefined`: there is no service of that name. */
  service(name: string): ServiceState | undefined;
  /** `undefined`: there is no group of that name. */
  group(name: string): GroupState | undefined;
  /** The names of the services that it can list; left out, none. */
  serviceNames?(): readonly string[];
  /** Nodes besides a manager and the groups' instances; left out, none. */
  nodes?(): readonly NodeState[];
  /** How an address (without its query) answers; `undefined`: there is none. Left out, there are none. */
  reply?(address: string): Reply | undefined;
  /** How many targets of a kind (`swarm.service`, `asg`) there are; `null`: that is not known. */
  fleetSize(kind: string): number | null;
}

/** A change that a target took: of its size, or what was done with it instead. */
export type Effect = {
  readonly atMs: number;
  readonly kind: 'swarm.service' | 'swarm.node' | 'asg' | 'http';
  readonly name: string;
} & (
  | { readonly does: 'resize'; readonly from: number; readonly to: number }
  | { readonly does: EffectWord }
);

/** `2 -> 3`, `restart`: what a target took, as a test of a playbook writes it. */
export function effectText(effect: Effect): string {
  return effect.does === 'resize' ? `${effect.from} -> ${effect.to}` : effect.does;
}
