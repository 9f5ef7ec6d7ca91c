import type { AnyAction, Bounds, Observation, Plan } from '../../integrations/contract/action.js';
import type { LatestDeploy } from '../../integrations/contract/deploys.js';
import { TargetError, type TargetErrorKind } from '../../integrations/contract/target-error.js';
import type { Busy } from '../../ledger/episode.js';
import type { Reason } from '../../ledger/reason.js';
import type { Preview, RunStep } from '../../ledger/run.js';
import type { Clause } from '../../playbook/clauses.js';
import { evaluateStep, expressionsIn } from '../../playbook/evaluate-step.js';
import type { ExpressionInput } from '../../playbook/expression.js';
import { EvaluationError } from '../../playbook/expression.js';
import type { Playbook } from '../../playbook/playbook.js';
import { requirementClause } from '../../playbook/requirement.js';
import { predictSteps } from './preview.js';
import { type OwnerSettings, ownerSettings } from './target-settings.js';

/**
 * A playbook's steps with their inputs and canonical targets, and what the first would do now. They
 * are not worked out while the run is not over for whose target it waits.
 */
export type Resolution =
  | { readonly kind: 'busy'; readonly busy: Busy }
  /** The target is not as the playbook requires. */
  | { readonly kind: 'unmet'; readonly requirement: Clause }
  | {
      readonly kind: 'resolved';
      readonly steps: readonly RunStep[];
      readonly plan: Plan;
      /** What all steps would do one after another, for a person who is asked. */
      readonly preview: readonly Preview[];
      readonly ownerSettings: OwnerSettings;
      /** How what the playbook requires stands to its target; left out, it requires nothing. */
      readonly requirement?: Clause;
    }
  | {
      readonly kind: 'failed';
      readonly reason: Reason;
      readonly detail: string;
      /** Worth another try later. */
      readonly temporary: boolean;
      readonly requirement?: Clause;
    };

/** Reads targets, and when they were deployed, each only once, so that a storm about one service costs one read. */
export interface TargetReader {
  observe(action: string, params: unknown): Promise<Observation<unknown>>;
  latestDeploy(action: string, observation: Observation<unknown>): Promise<LatestDeploy>;
}

/** A reader for one batch of decisions; it remembers what it has read and is thrown away after it. */
export function createTargetReader(actions: ReadonlyMap<string, AnyAction>): TargetReader {
  const seen = new Map<string, Promise<Observation<unknown>>>();
  const deploys = new Map<string, Promise<LatestDeploy>>();

  return {
    observe(name, params) {
      const key = JSON.stringify([name, params]);
      return once(seen, key, () => actionNamed(actions, name).observe(params));
    },

    latestDeploy(name, observation) {
      return once(deploys, observation.target.id, async () => {
        const { latestDeploy } = actionNamed(actions, name);
        if (latestDeploy !== undefined) return latestDeploy(observation);
        throw new TargetError('invalid', `${name} does not tell when its target was deployed`);
      });
    },
  };
}

function once<T>(known: Map<string, Promise<T>>, key: string, read: () => Promise<T>): Promise<T> {
  const reading = known.get(key) ?? read();
  known.set(key, reading);
  return reading;
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
  reader: TargetReader,
  { bounds: fallback, startedAtMs }: { readonly bounds: Bounds; readonly startedAtMs: number },
): Promise<Resolution> {
  try {
    let requirement: Clause | undefined;
    const steps: RunStep[] = [];
    const observations: Observation<unknown>[] = [];
    let plan: Plan | undefined;
    for (const step of playbook.steps) {
      const params = evaluateStep(step, input);
      const observation = await reader.observe(step.action.name, params);
      if (steps.length === 0 && playbook.requires !== undefined) {
        const latest = await reader.latestDeploy(step.action.name, observation);
        requirement = requirementClause(playbook.requires, latest, startedAtMs);
        if (requirement.outcome === 'missed') return { kind: 'unmet', requirement };
        if (requirement.outcome === 'unknown') return unknownDeploy(requirement);
      }
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
      ...(requirement && { requirement }),
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

/** A history that cannot tell is never "not deployed". */
function unknownDeploy(requirement: Clause): Resolution {
  const detail = `${requirement.clause}: ${requirement.actual}`;
  return { kind: 'failed', reason: 'deploy_unknown', detail, temporary: false, requirement };
}

const readReasons: Record<TargetErrorKind, Reason> = {
  not_found: 'target_not_found',
  invalid: 'unsupported',
  forbidden: 'rejected',
  stale: 'target_unavailable',
  busy: 'waiting',
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
  const temporary = reason === 'target_unavailable' || reason === 'waiting';
  return { reason, detail: error.message, temporary };
}
