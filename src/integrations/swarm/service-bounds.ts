import type { PlanBounds } from '../contract/action.js';
import {
  boundFor,
  type ResizeParams,
  type SourcedBound,
  type SourcedBounds,
} from '../contract/resize.js';
import { type LabelledNumber, type ServiceSettings, serviceLabelNames } from './service-labels.js';

/** Returns the bounds for the replicas of a service: of the step, of its labels, and of the policy. */
export function serviceBounds(
  params: Pick<ResizeParams, 'min' | 'max'>,
  { min, max }: ServiceSettings,
  fallback: PlanBounds,
): SourcedBounds {
  return {
    min: boundFor('min', { step: params.min, target: min && sourced(min), fallback }),
    max: boundFor('max', { step: params.max, target: max && sourced(max), fallback }),
  };
}

/**
 * How many replicas the step adds, or below zero takes away: `by`, else one step in its direction of
 * the size that the service's labels give, else 1.
 */
export function deltaOf({ by, direction = 'up' }: ResizeParams, { upBy, downBy }: ServiceSettings) {
  if (by !== undefined) return by;
  return direction === 'up' ? (upBy?.value ?? 1) : -(downBy?.value ?? 1);
}

/** Where to give a bound that is missing. */
export const boundAdvice =
  'set it as a number in the step (an expression only narrows), as a label of the service ' +
  `(${[...serviceLabelNames.min, ...serviceLabelNames.max].join(', ')}) or under bounds in policy.yaml`;

function sourced({ value, label }: LabelledNumber): SourcedBound {
  return { value, source: `label ${label}` };
}
