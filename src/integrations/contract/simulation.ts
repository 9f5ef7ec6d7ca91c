import type { z } from 'zod';
import type { Clock } from '../../lib/clock.js';
import type { AllowedHost } from './allowed-host.js';
import type { OperationKind } from './operation.js';

/** A change that a simulated target took: of its size, or what was done with it instead. */
export type Effect = {
  readonly atMs: number;
  /** The first part of the target's id: `swarm.service`. */
  readonly kind: string;
  readonly name: string;
  /** How long it takes to come into effect; `null`: it never does. */
  readonly takesMs: number | null;
} & (
  | { readonly does: 'resize'; readonly from: number; readonly to: number }
  | { readonly does: string; readonly from?: undefined; readonly to?: undefined }
);

/** Returns what a target took, as a playbook test writes it: `2 -> 3`, `restart`. */
export function effectText({ does, from, to }: Effect): string {
  return from === undefined ? does : `${from} -> ${to}`;
}

/** What a backtest assumes of targets, of which a record says nothing. */
export interface Assumptions {
  /** How many replicas a service has, or instances a group, before anything changes it. */
  readonly size: number;
  /** What a target itself allows; `null`: it gives no bounds, where it can do without. */
  readonly bounds: { readonly min: number; readonly max: number } | null;
  /** How long a change takes. */
  readonly convergeMs: number;
}

/** One kind of targets as playbook tests know it: a key of a test file, and what stands under it. */
export interface SimulatedKind<State> {
  /** The first part of the targets' ids: `swarm.service`. */
  readonly kind: string;
  /** The word for one of them, which is its key in `resolves_when`: `service`. */
  readonly one: string;
  /** What the key of the test file holds, for the reference. */
  readonly summary: string;
  /** The form of a name; left out, any text. */
  readonly name?: z.ZodType<string>;
  /** What a test says of a target, with its defaults. */
  readonly state: z.ZodType<State>;
  /** What can be done with a target besides changing its size; tests write the kind: `restart`. */
  readonly operations: readonly OperationKind[];
  /** Left out: they have no size. */
  readonly size?: SimulatedSize;
  /** Left out: an effect names its target as a test declares it. */
  readonly call?: SimulatedCall;
  /** The state that a backtest assumes. */
  assume(assumptions: Assumptions): State;
}

/** How tests write a size. */
export interface SimulatedSize {
  /** What a test that expects it reads in the reference. */
  readonly summary: string;
  readonly example: Readonly<Record<string, number>>;
}

/** How tests write what is called under a declared name, and what becomes of a call of any other. */
export interface SimulatedCall {
  /** The word for it, which is its key in `resolves_when`: `call`. */
  readonly one: string;
  readonly example: string;
  /** Returns the name under which a test declares what is called; `undefined`: that is no call. */
  declaredAs(name: string): string | undefined;
  /** What to do where a test calls what it does not declare, which fails the test. */
  readonly undeclared: string;
}

/** The targets of one kind: those that a test declares, or whatever name is asked for, as a backtest assumes. */
export interface GivenTargets<State> {
  /** `undefined`: there is no target of that name. */
  find(name: string): State | undefined;
  /** The names that can be listed. */
  names(): readonly string[];
}

/** Kinds of targets by their keys in a test file: `services`. */
// biome-ignore lint/suspicious/noExplicitAny: only the twin itself reads the states of its targets
export type SimulatedKinds = Readonly<Record<string, SimulatedKind<any>>>;

/** The targets of some kinds. */
export type GivenOf<Kinds extends SimulatedKinds> = {
  readonly [Key in keyof Kinds]: GivenTargets<z.output<Kinds[Key]['state']>>;
};

/** What a twin gets. */
export interface TwinContext<Kinds extends SimulatedKinds> {
  readonly given: GivenOf<Kinds>;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  /** The hosts that the policy allows to be called. */
  readonly hosts: () => readonly AllowedHost[];
  /** Returns the clients of the twin of another integration. */
  clientsOf<Clients>(other: Simulated<Clients>): Clients;
  /** The machines of all twins, and whether each has come up. */
  readonly machines: () => ReadonlyMap<string, boolean>;
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** A simulated integration: its clients, on targets that are made up. */
export interface Twin<Kinds extends SimulatedKinds, Clients> {
  readonly clients: Clients;
  /** Reads the size of a target of a kind; `undefined`: there is none of that name. */
  readonly sizes: { readonly [Key in keyof Kinds]?: (name: string) => number | undefined };
  /** Its machines that may be nodes of another system, and whether each has come up; left out, none. */
  machines?(): ReadonlyMap<string, boolean>;
}

/** How an integration is simulated, for playbook tests and backtests. */
export interface Simulator<Kinds extends SimulatedKinds, Clients> {
  /** By their keys in a test file. */
  readonly kinds: Kinds;
  /** Creates the twin. */
  create(context: TwinContext<Kinds>): Twin<Kinds, Clients>;
}

/** Whatever has a twin. */
export interface Simulated<Clients> {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: only the clients are of interest
  readonly simulator: Simulator<any, Clients>;
}
