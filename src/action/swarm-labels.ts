import {
  type LabelledNumber,
  type ServiceSays,
  serviceLabelNames,
} from '../target/service-labels.js';
import type { Bounds } from './action.js';
import type { ResizeParams, SourcedBound } from './resize.js';

/** A floor or a ceiling: the step's, else that of the service's labels, else the policy's. */
export function boundOf(
  bound: 'min' | 'max',
  params: Pick<ResizeParams, 'min' | 'max'>,
  says: ServiceSays,
  fallback: Bounds,
): SourcedBound | undefined {
  const step = params[bound];
  if (step !== undefined) return { value: step, source: 'the step' };
  const label = says[bound];
  if (label !== undefined) return sourced(label);
  const policy = fallback[bound];
  return policy === undefined ? undefined : { value: policy, source: 'the policy' };
}

/**
 * How many replicas the step adds, or below zero takes away: `by`, else one step in its direction of
 * the size that the service's labels give, else 1.
 */
export function deltaOf({ by, direction = 'up' }: ResizeParams, { upBy, downBy }: ServiceSays) {
  if (by !== undefined) return by;
  return direction === 'up' ? (upBy?.value ?? 1) : -(downBy?.value ?? 1);
}

/** Where a bound can be given that is missing. */
export const boundAdvice =
  'give it in the step, as a label of the service ' +
  `(${[...serviceLabelNames.min, ...serviceLabelNames.max].join(', ')}) or under bounds in policy.yaml`;

function sourced({ value, label }: LabelledNumber): SourcedBound {
  return { value, source: `label ${label}` };
}
