import type { z } from 'zod';
import type { Change, Quantity, Target } from '../target/change.js';
import type { ServiceSays } from '../target/service-labels.js';

/** A floor and a ceiling; one that is `undefined` was given nowhere. */
export interface Bounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** What a target says about itself that concerns decisions, whatever the action. */
export type TargetSays = Pick<ServiceSays, 'mode' | 'channel' | 'owner' | 'faults'>;

/** What a target looked like when it was read. */
export interface Observation<State> {
  readonly target: Target;
  /** What the action changes: the size (or state) that is asked of the target at present. */
  readonly size: Quantity;
  /** What the size counts, in the plural: `replicas`, `instances`. */
  readonly unit: string;
  /** The target's version, for a compare-and-set where its API has one; else `null`. */
  readonly version: string | null;
  /** What the target's owner says about it on the target itself, where there is a place for that. */
  readonly says?: TargetSays;
  /** Whatever else the action needs to plan. */
  readonly state: State;
}

/** What one step would do to a target that was observed. */
export type Plan =
  | Change
  /** Nothing to do: the target stands at its floor or ceiling already (or beyond it). */
  | { readonly kind: 'at_bound'; readonly bound: 'min' | 'max'; readonly detail: string }
  /** Not now: it would interfere with something in progress. Asked again later. */
  | { readonly kind: 'wait'; readonly detail: string }
  /**
   * Never by itself: `no_bounds` where no floor or ceiling is given anywhere, `labels_unreadable` where
   * what the target says about itself cannot be read, `unsupported` otherwise.
   */
  | {
      readonly kind: 'refused';
      readonly reason: 'no_bounds' | 'labels_unreadable' | 'unsupported';
      readonly detail: string;
    };

/** Whether a change that was applied has taken effect. */
export type Progress =
  | { readonly kind: 'converged'; readonly detail: string }
  | { readonly kind: 'converging'; readonly detail: string }
  /** It does not come into effect by itself any more (there is no room, a rollout stopped): no use waiting. */
  | { readonly kind: 'failed'; readonly detail: string }
  /** The target is not as the change left it: somebody else changed it, or the change never arrived. */
  | { readonly kind: 'differs'; readonly observed: Quantity; readonly detail: string };

/** What became of one change of a sequence. */
export interface Done {
  readonly change: Change;
  /** `false`: it was refused, did not come into effect, or what was to follow it was waited for in vain. */
  readonly converged: boolean;
  /** What was last seen of it, or answered. */
  readonly seen: string;
}

/** What comes next in a sequence. */
export type Next =
  | Change
  /** Not yet: asked again later. */
  | { readonly kind: 'wait'; readonly detail: string }
  /** All is as the plan wants it. */
  | { readonly kind: 'complete'; readonly detail: string }
  /** It cannot be brought to its end; a person is told what has been done. */
  | { readonly kind: 'failed'; readonly detail: string };

/**
 * How an action gets to what it plans by several changes, of its target or of others, one after the
 * other: each is worked out when the one before is over, recorded before it is sent, sent once and looked
 * at until it is in effect. The action's `apply` and `verify` know them all.
 */
export interface Sequence<Params, Seen> {
  /** What follows the change that is planned, in words for whoever is asked; `undefined`: nothing does. */
  outline(params: Params, plan: Change): string | undefined;
  /** Reads what the next change depends on. Changes nothing. */
  look(params: Params, plan: Change, done: readonly Done[]): Promise<Seen>;
  /**
   * Works out the next change. Pure, absolute, and the same from the same. What did not come into effect
   * comes back in `done` too: whoever can make up for it does so here.
   */
  next(params: Params, plan: Change, done: readonly Done[], seen: Seen): Next;
  /** How long one of the changes may take to come into effect. */
  withinMs(change: Change): number;
}

/** What the run machine gives an action besides the change that it is to send. */
export interface Sending<Params = unknown> {
  /** The parameters of the step. */
  readonly params: Params;
  /** The same however often one change is sent, another for each change. */
  readonly key: string;
  /** Takes down what was answered, for the record and for people. */
  answered(text: string): void;
}

/** How a parameter is written in a playbook that is more than one text, number or truth value. */
export type ParamForm =
  /** A mapping of such values. */
  | { readonly kind: 'mapping' }
  /** A text in which an expression may stand only in some places, and is encoded for where it stands. */
  | {
      readonly kind: 'encoded';
      /** What is wrong with an expression after this text; `undefined`: nothing. */
      placeFault(before: string): string | undefined;
      /** What an expression gives, encoded for its place. Throws `InputError` for what cannot be made safe. */
      encode(value: string, before: string): string;
    };

/**
 * One kind of change to one kind of target. To add one: write a file beside this one, put it into
 * `registry.ts`, and the conformance suite in `test/` runs against it (docs/adding-an-action.md).
 *
 * Every method may throw a `TargetError`; none retries by itself and none sleeps: the run machine
 * decides what happens next and when.
 */
export interface Action<Params, State> {
  /** As it is written in a playbook: `swarm.scale`. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /** The step's parameters after its expressions were evaluated; strict, so that a typing error is found. */
  readonly params: z.ZodType<Params>;
  /** Those parameters that are written otherwise than as one text, number or truth value. */
  readonly forms?: Readonly<Record<string, ParamForm>>;
  /**
   * That nothing can be looked at afterwards: only the answer tells what came of a change. Without an
   * answer it ends as unknown, and `verify` is asked only about what was answered.
   */
  readonly unobservable?: true;
  /** Whether the policy's bounds hold for a target that gives none itself. */
  readonly policyBounds?: true;
  /** How long a change may take to come into effect before it counts as failed. */
  readonly convergeWithinMs: number;
  /** Finds the target and reads its state. Changes nothing. */
  observe(params: Params): Promise<Observation<State>>;
  /** Works out the absolute state wanted. Pure: no clock, no I/O. `fallback` holds the policy's bounds. */
  plan(params: Params, observation: Observation<State>, fallback: Bounds): Plan;
  /**
   * The same towards a state that is given: that in which a run found the target, to put it back.
   * Pure. It refuses and waits for whatever `plan` does, and leaves no bound that is given.
   */
  planTo(params: Params, observation: Observation<State>, to: Quantity, fallback: Bounds): Plan;
  /** Sends the change, once. Returning means that the target's API took it. */
  apply(change: Change, sending?: Sending<Params>): Promise<void>;
  /** Looks at the target after a change. Changes nothing. */
  verify(change: Change): Promise<Progress>;
  /** Where what is planned takes more than one change; without it `plan`'s is the only one. */
  // biome-ignore lint/suspicious/noExplicitAny: what is seen between two changes only its own `next` reads
  readonly sequence?: Sequence<Params, any>;
}

/** An action whose types are known to itself alone, as the registry hands it out. */
// biome-ignore lint/suspicious/noExplicitAny: parameters are checked by `params` before they get here
export type AnyAction = Action<any, any>;
