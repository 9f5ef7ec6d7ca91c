import type { Change, Operation, Target, TargetState } from '../integrations/contract/change.js';
import type { Execution } from '../integrations/contract/job.js';
import { shortHash } from '../lib/short-hash.js';
import type { Reason } from './reason.js';

/** The state of a run; `engine/run/advance.ts` explains the states. */
export type RunState =
  | 'awaiting_approval'
  /** Approved by a person; it still needs its guards and locks. */
  | 'admitting'
  | 'planning'
  | 'applying'
  | 'converging'
  /** One change of a sequence is over, and the next is to be worked out. */
  | 'continuing'
  | 'settling'
  | 'ended';

/** A step with its inputs frozen. */
export interface RunStep {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The parameters that an expression computed from the alert; left out: none. */
  readonly fromExpression?: readonly string[] | undefined;
  readonly target: Target;
  /** What else the run locks for this step; left out, nothing. */
  readonly locks?: readonly Target[];
  readonly settleMs: number;
  readonly repeat: number;
  readonly undo: boolean;
}

/** At most `count` runs within `windowMs`. */
export interface RunLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** What a step would do, as a person is shown it. */
export interface Preview {
  readonly name: string;
  /** How its target is before it, and what of the target that is (`replicas`). */
  readonly from: TargetState;
  readonly unit: string;
  /** Whose the target is, where it says so. */
  readonly owner?: string;
  /** One after another, as far as repeats and bounds let it go; empty: it would do nothing. */
  readonly operations: readonly Operation[];
  /** What follows each change, where the action is a sequence. */
  readonly followedBy?: string;
  /** Why it would do nothing, or no more. */
  readonly detail: string;
}

/** One change that the run made or tried to make. */
export interface Attempt {
  readonly step: number;
  readonly change: Change;
  readonly undo: boolean;
  /** Where the action is a sequence: the plan that this change is a part of, and which part, from 0 on. */
  readonly part?: Part;
  readonly plannedAtMs: number;
  /** When its target had been changed before, as far as that was known: what counts if this change does not happen. */
  readonly changedBeforeMs?: number | null;
  readonly appliedAtMs: number | null;
  readonly convergedAtMs: number | null;
  /** The target refused it: nothing was changed. */
  readonly refused?: true;
  /** It took effect, but what was to follow it in its sequence never came. */
  readonly vain?: true;
  /** What was last seen or answered. */
  readonly seen: string;
  /** It is being ended: why, and since when. */
  readonly ending?: { readonly reason: Reason; readonly detail: string; readonly atMs: number };
  /** What ran asked to be run again later. */
  readonly later?: true;
  /** What is known of what ran, where something did. */
  readonly execution?: Execution;
}

/** What a change is to the plan of its sequence. */
export interface Part {
  readonly of: Change;
  readonly index: number;
}

/** Why a run waits. */
export interface Waiting {
  readonly reason: Reason;
  readonly detail: string;
  /** Held by a guard: since when. */
  readonly sinceMs?: number;
  /** Held by a guard: a person has been told that it takes long. */
  readonly told?: boolean;
}

export type OutcomeKind = 'done' | 'failed' | 'unknown' | 'withdrawn';

export interface Outcome {
  readonly kind: OutcomeKind;
  readonly reason: Reason;
  readonly detail: string;
}

/** That a person cancelled the run. */
export interface Cancellation {
  readonly by: string;
  readonly atMs: number;
  /** Why, in the person's own words; left out where none were given. */
  readonly comment?: string;
}

/** Who started the run. */
export type Origin =
  | { readonly kind: 'playbook'; readonly playbook: string; readonly hash: string }
  | { readonly kind: 'person'; readonly by: string; readonly escalationId: string };

/** One execution of one playbook (or of one action that a person chose) with one set of inputs. */
export interface Run {
  readonly id: string;
  /** The episodes that this run is for are the members of this case. */
  readonly caseId: string;
  readonly origin: Origin;
  /** The labels of its first episode. */
  readonly labels: Readonly<Record<string, string>>;
  /** Who runs its playbook by hand, and why; left out: an alert or a call started it. */
  readonly manual?: { readonly by: string; readonly why: string };
  readonly steps: readonly RunStep[];
  readonly cooldownMs: number;
  readonly limits: readonly RunLimit[];
  readonly channel: string | undefined;
  /** The group of its first episode, whose message its questions and reports share; left out: none. */
  readonly group?: string;
  /** What each step would do, as it was shown to the person who was asked; `null`: no one was asked. */
  readonly shown: readonly Preview[] | null;
  /** Whether the source says when the alert has resolved. */
  readonly verifiable: boolean;
  readonly state: RunState;
  /** The step in work, and how often it has been taken. */
  readonly step: number;
  readonly taken: number;
  readonly attempts: readonly Attempt[];
  /** Steps whose changes are still to be put back; `null` until undoing begins. */
  readonly undo: readonly number[] | null;
  /** What was noted on the way besides attempts: bounds met, refusals, undos left out. */
  readonly notes: readonly { readonly atMs: number; readonly text: string }[];
  /** Why it waits, while it does. */
  readonly waiting: Waiting | null;
  /** Temporary failures in a row. */
  readonly retries: number;
  /** When it is looked at again; `null` when only an event can move it. */
  readonly dueAtMs: number | null;
  /** When the present state gives up. */
  readonly deadlineMs: number | null;
  /** While admitting: until when the answer of the person is good. */
  readonly answerUntilMs: number | null;
  /** While applying: until then no other worker may touch it. */
  readonly leaseUntilMs: number | null;
  /** The question that a person was asked or answered about it; `null`: no one was asked. */
  readonly escalationId: string | null;
  readonly createdAtMs: number;
  readonly endedAtMs: number | null;
  /** How it ended; while it puts things back, how it will end. */
  readonly outcome: Outcome | null;
  /** From then on it sends no change; left out: no one cancelled it. */
  readonly cancelled?: Cancellation;
  /** It has given its locks back before its end: what is left is to wait for the alert. */
  readonly released?: true;
}

export type NewRun = {
  /** `admitting` only. */
  readonly answerUntilMs?: number | null;
  readonly shown?: Run['shown'];
  readonly group?: string | undefined;
  readonly manual?: Run['manual'] | undefined;
} & Pick<
  Run,
  | 'id'
  | 'caseId'
  | 'origin'
  | 'labels'
  | 'steps'
  | 'cooldownMs'
  | 'limits'
  | 'channel'
  | 'verifiable'
  | 'escalationId'
> & { readonly state: 'awaiting_approval' | 'admitting' | 'planning'; readonly nowMs: number };

/** A run at its beginning. */
export function createRun(options: NewRun): Run {
  const { nowMs, answerUntilMs = null, shown = null, group, manual, ...run } = options;
  return {
    ...run,
    ...(group === undefined ? {} : { group }),
    ...(manual === undefined ? {} : { manual }),
    step: 0,
    taken: 0,
    attempts: [],
    undo: null,
    notes: [],
    waiting: null,
    retries: 0,
    dueAtMs: run.state === 'awaiting_approval' ? null : nowMs,
    deadlineMs: null,
    shown,
    answerUntilMs,
    leaseUntilMs: null,
    createdAtMs: nowMs,
    endedAtMs: null,
    outcome: null,
  };
}

/** The step that the run is at. */
export function currentStep(run: Run): RunStep {
  const step = run.steps[run.step];
  if (step === undefined) throw new Error(`run ${run.id} has no step ${run.step}`);
  return step;
}

/** The targets that the run changes, sorted and each once. */
export function targetsOf(run: Pick<Run, 'steps'>): readonly Target[] {
  const byId = new Map(run.steps.map((step) => [step.target.id, step.target]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Everything that the run locks: its targets, and what its actions ask for besides; sorted and each once. */
export function locksOf(run: Pick<Run, 'steps'>): readonly Target[] {
  const all = run.steps.flatMap(({ target, locks = [] }) => [target, ...locks]);
  const byId = new Map(all.map((target) => [target.id, target]));
  return [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether no person has chosen or approved it. */
export function isAutomatic({ origin, escalationId }: Run): boolean {
  return origin.kind === 'playbook' && escalationId === null;
}

/** Whether the locks of its targets are its own. */
export function holdsLocks({ state, released }: Run): boolean {
  if (released === true) return false;
  return state !== 'awaiting_approval' && state !== 'admitting' && state !== 'ended';
}

/** Whether a change of it may be under way at its target: it is watched to its end whatever happens. */
export function isChanging({ state }: Run): boolean {
  return state === 'applying' || state === 'converging';
}

/** Whether later episodes with the same playbook and inputs may still join: there is a step left to take. */
export function isJoinable(run: Run): boolean {
  if (run.state === 'ended' || run.undo !== null || run.origin.kind !== 'playbook') return false;
  if (run.cancelled !== undefined) return false;
  const step = run.steps[run.step];
  const isLast = run.step === run.steps.length - 1 && run.taken >= (step?.repeat ?? 0);
  return !(isLast && run.state === 'settling');
}

/** What two episodes must have in common to share a run: the playbook and its inputs. */
export function joinHash(playbook: string, steps: readonly RunStep[]): string {
  const inputs = steps.map((step) => [step.action, step.target.id, step.params]);
  return shortHash(JSON.stringify([playbook, inputs]));
}
