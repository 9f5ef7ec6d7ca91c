import { InputError } from '../errors.js';
import type { Bounds } from './action.js';
import type { ResizeParams, SourcedBound } from './resize.js';

type Labels = Readonly<Record<string, string>>;

/** What a service says about its own scaling. Ours comes first and wins over that of Docker Flow. */
const labelsOf = {
  min: ['jidoka.scale.min', 'com.df.scaleMin'],
  max: ['jidoka.scale.max', 'com.df.scaleMax'],
  up: ['jidoka.scale.up_by', 'com.df.scaleUpBy'],
  down: ['jidoka.scale.down_by', 'com.df.scaleDownBy'],
} as const;

const enable = 'jidoka.enable';

const relevant: readonly string[] = [enable, ...Object.values(labelsOf).flat()];

/** Only the labels that scaling reads; the others need not travel with an observation. */
export function scalingLabels(labels: Labels): Labels {
  return Object.fromEntries(relevant.flatMap((name) => pairOf(labels, name)));
}

function pairOf(labels: Labels, name: string): [string, string][] {
  const value = labels[name];
  return value === undefined ? [] : [[name, value]];
}

/** Whether the owner keeps Jidoka away. Whatever is not a plain `true` does. */
export function isDisabled(labels: Labels): boolean {
  return (labels[enable] ?? 'true') !== 'true';
}

/**
 * A floor or a ceiling: the step's, else that of the service's labels, else the policy's.
 *
 * @throws InputError if the label that decides is no whole number.
 */
export function boundOf(
  bound: 'min' | 'max',
  params: ResizeParams,
  labels: Labels,
  fallback: Bounds,
): SourcedBound | undefined {
  const step = params[bound];
  if (step !== undefined) return { value: step, source: 'the step' };
  const label = wholeNumber(labels, labelsOf[bound], 0);
  if (label !== undefined) return label;
  const policy = fallback[bound];
  return policy === undefined ? undefined : { value: policy, source: 'the policy' };
}

/**
 * How many replicas the step adds, or below zero takes away: `by`, else one step in its direction of
 * the size that the service's labels give, else 1.
 *
 * @throws InputError if the label that decides is no whole number of at least 1.
 */
export function deltaOf(params: ResizeParams, labels: Labels): number {
  if (params.by !== undefined) return params.by;
  const direction = params.direction ?? 'up';
  const size = wholeNumber(labels, labelsOf[direction], 1)?.value ?? 1;
  return direction === 'up' ? size : -size;
}

/** Where a bound can be given that is missing. */
export const boundAdvice =
  'give it in the step, as a label of the service ' +
  `(${[...labelsOf.min, ...labelsOf.max].join(', ')}) or under bounds in policy.yaml`;

function wholeNumber(
  labels: Labels,
  names: readonly string[],
  least: number,
): SourcedBound | undefined {
  const name = names.find((one) => labels[one] !== undefined);
  if (name === undefined) return undefined;
  const text = labels[name] ?? '';
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return { value, source: `label ${name}` };
  throw new InputError(
    `label ${name} is "${text}"; expected a whole number of at least ${least}`,
    name,
  );
}
