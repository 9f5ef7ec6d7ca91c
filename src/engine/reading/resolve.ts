import type { AnyAction, Bounds, Observation, Plan } from '../../integrations/contract/action.js';
import { TargetError, type TargetErrorKind } from '../../integrations/contract/target-error.js';
import type { Busy } from '../../ledger/episode.js';
import type { Reason } from '../../ledger/reason.js';
import type { Preview, RunStep } from '../../ledger/run.js';
import { evaluateStep, expressionsIn } from '../../playbook/evaluate-step.js';
import type { ExpressionInput } from '../../playbook/expression.js';
import { EvaluationError } from '../../playbook/expression.js';
import type { Playbook } from '../../playbook/playbook.js';
import { predictSteps } from './preview.js';
import { type OwnerSettings, ownerSettings } from './target-settings.js';

/**
 * A playbook's steps with their inputs and canonical targets, and what the first would do now. They
 * are not worked out while the run is not over for whose target it waits.
 */
export type Resolution =
  | { readonly kind: 'busy'; readonly busy: Busy }
  | {
      readonly kind: 'resolved';
      readonly steps: readonly RunStep[];
      readonly plan: Plan;
      /** What all steps would do one after another, for a person who is asked. */
      readonly preview: readonly Preview[];
      readonly ownerSettings: OwnerSettings;
    }
  | {
      readonly kind: 'failed';
      readonly reason: Reason;
      readonly detail: string;
      /** Worth another try later. */
      readonly temporary: boolean;
    };

/** Reads targets, each only once, so that a storm about one service costs one read. */
export type TargetReader = ReturnType<typeof createTargetReader>;

/** A reader for one batch of decisions; it remembers what it has read and is thrown away after it. */
export function createTargetReader(actions: ReadonlyMap<string, AnyAction>) {
  const seen = new Map<string, Promise<Observation<unknown>>>();

  return function observe(name: string, params: unknown): Promise<Observation<unknown>> {
    const key = JSON.stringify([name, params]);
    const known = seen.get(key);
    if (known !== undefined) return known;
    const reading = actionNamed(actions, name).observe(params);
    seen.set(key, reading);
    return reading;
  };
}

/** The action of that name; a run may name one that this version of the engine no longer has. */
export function actionNamed(actions: ReadonlyMap<string, AnyAction>, name: string): AnyAction {
  const action = actions.get(name);
  if (action === undefined) throw new TargetError('invalid', `no action is named ${name}`);
  return action;
}

/** Evaluates a playbook's steps for an alert and reads their targets. Changes nothing. */
export async function resolve(
  playbook: Playbook,
  input: ExpressionInput,
  observe: TargetReader,
  fallback: Bounds,
): Promise<Resolution> {
  try {
    const steps: RunStep[] = [];
    const observations: Observation<unknown>[] = [];
    let plan: Plan | undefined;
    for (const step of playbook.steps) {
      const params = evaluateStep(step, input);
      const observation = await observe(step.action.name, params);
      const fromExpression = expressionsIn(step);
      plan ??= step.action.plan(params, observation, { ...fallback, fromExpression });
      observations.push(observation);
      steps.push({
        action: step.action.name,
        params,
        ...(fromExpression.length > 0 && { fromExpression }),
        target: observation.target,
        ...(observation.locks && { locks: observation.locks }),
        settleMs: step.settleMs,
        repeat: step.repeat,
        undo: step.undo,
      });
    }
    if (plan === undefined) throw new Error(`playbook ${playbook.name} has no steps`);
    const ahead = playbook.steps.flatMap(({ action }, index) => {
      const [step, observation] = [steps[index], observations[index]];
      return step && observation ? [{ action, step, observation }] : [];
    });
    return {
      kind: 'resolved',
      steps,
      plan,
      preview: predictSteps(ahead, fallback),
      ownerSettings: ownerSettings(observations),
    };
  } catch (error) {
    if (error instanceof EvaluationError) {
      return {
        kind: 'failed',
        reason: 'expression_failed',
        detail: error.message,
        temporary: false,
      };
    }
    if (error instanceof TargetError) return { kind: 'failed', ...readFailure(error) };
    throw error;
  }
}

const readReasons: Record<TargetErrorKind, Reason> = {
  not_found: 'target_not_found',
  invalid: 'unsupported',
  forbidden: 'rejected',
  stale: 'target_unavailable',
  busy: 'target_unavailable',
  unavailable: 'target_unavailable',
  unknown: 'target_unavailable',
};

/** What a failed read means. */
export function readFailure(error: TargetError): {
  readonly reason: Reason;
  readonly detail: string;
  readonly temporary: boolean;
} {
  const reason = readReasons[error.kind];
  return { reason, detail: error.message, temporary: reason === 'target_unavailable' };
}
