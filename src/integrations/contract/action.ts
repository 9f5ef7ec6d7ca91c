import type { z } from 'zod';
import type { Change, Operation, Target, TargetState } from './change.js';
import type { ReadLatestDeploy } from './deploys.js';
import type { Execution } from './job.js';
import type { LearnedStep } from './learning.js';
import type { OperationKind } from './operation.js';

/** A floor and a ceiling; one that is `undefined` was given nowhere. */
export interface Bounds {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

/** The bounds that a plan keeps besides those of its step and of its target. */
export interface PlanBounds extends Bounds {
  /** Parameters of the step that an expression computed from the alert: a bound among them only narrows. */
  readonly fromExpression?: readonly string[] | undefined;
}

/** What a target says about itself that concerns decisions, whatever the action. */
export interface TargetSettings {
  /** How far its owner lets playbooks go; `undefined`: the playbook alone decides. */
  readonly mode: 'shadow' | 'approve' | 'auto' | undefined;
  readonly channel: string | undefined;
  readonly owner: string | undefined;
  /** What cannot be read, a sentence each. Nothing is done with a target that has any. */
  readonly faults: readonly string[];
}

/** What a target looked like when it was read. */
export interface Observation<State, T extends Target = Target> {
  readonly target: T;
  /** What the action changes: the size, or the state, that is asked of the target at present. */
  readonly size: TargetState;
  /**
   * What of the target that is: `replicas`, `availability`. Two actions that give the same change the
   * same; of a size it is what the size counts, in the plural.
   */
  readonly unit: string;
  /** The target's version, for a compare-and-set where its API has one; else `null`. */
  readonly version: string | null;
  /** What the target's owner says about it on the target itself, where there is a place for that. */
  readonly settings?: TargetSettings;
  /** What else the run locks, besides its target; left out, nothing. */
  readonly locks?: readonly Target[];
  /** Whatever else the action needs to plan. */
  readonly state: State;
}

/** What one step would do to a target that was observed. */
export type Plan<Op extends Operation = Operation> =
  | Change<Op>
  /** Nothing to do: the target is at its minimum or maximum already (or beyond it). */
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
  | {
      readonly kind: 'converged';
      readonly detail: string;
      /** What ran to its end, where something did. */
      readonly execution?: Execution;
    }
  | { readonly kind: 'converging'; readonly detail: string }
  /** It does not come into effect by itself any more (there is no room, a rollout stopped): no use waiting. */
  | { readonly kind: 'failed'; readonly detail: string; readonly execution?: Execution }
  /** It ran, changed nothing, and asks to be run again later: planned once more as another change. */
  | { readonly kind: 'later'; readonly detail: string; readonly execution?: Execution }
  /** What became of it cannot be known any more: a person has to look. */
  | { readonly kind: 'unknown'; readonly detail: string; readonly execution?: Execution }
  /** The target is not as the change left it: someone else changed it, or the change never arrived. */
  | { readonly kind: 'differs'; readonly observed: TargetState; readonly detail: string };

/** What became of one change of a sequence. */
export interface Done {
  readonly change: Change;
  /** `false`: it was refused, did not come into effect, or what was to follow it never came. */
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
  /** What follows the change that is planned, in words for the person who is asked; `undefined`: nothing does. */
  outline(params: Params, plan: Change): string | undefined;
  /** Reads what the next change depends on. Changes nothing. The context is that of the next change. */
  look(context: ChangeContext<Params>, plan: Change, done: readonly Done[]): Promise<Seen>;
  /**
   * Works out the next change. Pure, absolute, and the same from the same. What did not come into effect
   * comes back in `done` too: an action that can make up for it does so here.
   */
  next(context: ChangeContext<Params>, plan: Change, done: readonly Done[], seen: Seen): Next;
}

/** What the run machine gives an action besides a change. */
export interface ChangeContext<Params = unknown> {
  /** The parameters of the step. */
  readonly params: Params;
  /**
   * Names one change for good: the same however often it is sent and looked at, another for each change.
   * What a change creates is found by it.
   */
  readonly key: string;
}

/** The same for a change that is to be sent. */
export interface Sending<Params = unknown> extends ChangeContext<Params> {
  /** Takes down what was answered, for the record and for people. */
  answered(text: string): void;
}

/** A text in which an expression may stand only in some places, and is encoded for where it stands. */
export interface EncodedParam {
  /** What is wrong with an expression after this text; `undefined`: nothing. */
  placeFault(before: string): string | undefined;
  /** What an expression gives, encoded for its place. Throws `InputError` for what cannot be made safe. */
  encode(value: string, before: string): string;
}

/**
 * How an action ends what a change began: at its time limit, or because a person cancels the run. Then the
 * engine keeps looking at it until it is over, for as long as that may take.
 */
export interface Ending<Params> {
  /** How long it may take from `send` to the end. Pure. */
  withinMs(change: Change, context: ChangeContext<Params>): number;
  /**
   * Asks for the end. Sent again for as long as it is not over, so that it must not matter how often. Returns
   * what can be seen only before the end.
   */
  send(change: Change, context: ChangeContext<Params>): Promise<Execution | undefined>;
}

/**
 * One kind of change to one kind of target. To add one: write a file beside this one, put it into
 * `registry.ts`, and the conformance suite in `test/` runs against it (docs/contributors/adding-an-action.md).
 *
 * Every method may throw a `TargetError`; none retries by itself and none sleeps: the run machine
 * decides what happens next and when.
 */
export interface Action<Params, State, T extends Target = Target> {
  /** As it is written in a playbook: `swarm.scale`. */
  readonly name: string;
  /** One sentence for the reference. */
  readonly summary: string;
  /**
   * The step's parameters after its expressions were evaluated: texts, numbers and truth values, and lists
   * and mappings of these. Strict, so that a typing error is found. They are recorded: no secrets.
   */
  readonly params: z.ZodType<Params>;
  /** Every kind of operation that it plans or takes, those of its sequence too. */
  readonly operations: readonly OperationKind[];
  /** Parameters that are texts in which expressions are encoded. */
  readonly encoded?: Readonly<Record<string, EncodedParam>>;
  /**
   * That nothing can be looked at afterwards: only the answer tells what came of a change. Without an
   * answer it ends as unknown, and `verify` is asked only about what was answered.
   */
  readonly unobservable?: true;
  /** The parameter with the address that it calls, whose host the policy has to allow. */
  readonly addressParam?: string;
  /** The parameter that names a job of `jobs.yaml`, and the one with the values of its inputs. */
  readonly jobParam?: string;
  readonly inputsParam?: string;
  /**
   * The alert that tells Alertmanager what became of a run of this action, where the policy asks for it;
   * `service` is its label of that name, the target's name where it is left out. (docker-scaler)
   */
  readonly resultAlert?: { readonly alertname: string; readonly service?: string };
  /** Whether the policy's bounds hold for a target that gives none itself. */
  readonly policyBounds?: true;
  /** Tells when its target was deployed; left out: its targets are none that are deployed. */
  readonly latestDeploy?: ReadLatestDeploy;
  /**
   * Makes the step that does this change again, for a playbook of what a person chose and what helped. Pure.
   * Left out, or `undefined`: no playbook is made of it.
   */
  learn?(params: Params, change: Change): LearnedStep | undefined;
  /**
   * Secrets that the action works with, such as a password that an answer may repeat. They are taken out of
   * all that it gives back, answers and throws (`masked`). Data that a change needs to be sent holds none.
   */
  secrets?(params: Params): readonly string[];
  /** How long a change may take to come into effect before it counts as failed. Pure. */
  readonly convergeWithinMs: number | ((change: Change, context: ChangeContext<Params>) => number);
  /**
   * Finds the target and reads its state. Changes nothing. A target that the action itself creates is found
   * before it exists: under the id that it will have, in the state `absent`.
   */
  observe(params: Params): Promise<Observation<State, T>>;
  /** Works out the absolute state wanted. Pure: no clock, no I/O. `fallback` holds the policy's bounds. */
  plan(params: Params, observation: Observation<State>, fallback: PlanBounds): Plan;
  /**
   * The same towards a state that is given: that in which a run found the target, to put it back.
   * Pure. It refuses and waits for whatever `plan` does, and leaves no bound that is given.
   */
  planTo(
    params: Params,
    observation: Observation<State>,
    to: TargetState,
    fallback: PlanBounds,
  ): Plan;
  /** Sends the change, once. Returning means that the target's API took it. */
  apply(change: Change, sending: Sending<Params>): Promise<void>;
  /** Looks at the target after a change. Changes nothing. */
  verify(change: Change, context: ChangeContext<Params>): Promise<Progress>;
  /** Left out: a change that has begun cannot be ended, and is watched to its end. */
  readonly end?: Ending<Params>;
  /**
   * Removes what a change left behind once its end is recorded. May be called more than once. What a crash
   * leaves is found by the integration's watch.
   */
  clear?(change: Change, context: ChangeContext<Params>): Promise<void>;
  /** Where what is planned takes more than one change; without it `plan`'s is the only one. */
  // biome-ignore lint/suspicious/noExplicitAny: what is seen between two changes only its own `next` reads
  readonly sequence?: Sequence<Params, any>;
}

/** An action whose types are known to itself alone, as the registry hands it out. */
// biome-ignore lint/suspicious/noExplicitAny: parameters are checked by `params` before they get here
export type AnyAction = Action<any, any>;
