import type { Labels } from '../alertmanager/alert.js';
import type { AnyAction, Bounds, Observation, Plan } from '../integrations/contract/action.js';
import type { SizeOffer } from '../integrations/contract/offer.js';
import { isResize } from '../integrations/contract/operation.js';
import { TargetError } from '../integrations/contract/target-error.js';
import { integrations } from '../integrations/registry.js';
import type { Choice } from '../ledger/escalation.js';
import type { JobOffer } from '../playbook/job-offers.js';
import { handOver, silenceHour } from './choices.js';
import { riskOf } from './risk.js';
import { shortened } from './shortened.js';
import { suggestChange } from './suggest-change.js';
import { suggestJob } from './suggest-job.js';

/** What a person may choose, and why something that could have been expected is not among it. */
export interface Suggestions {
  readonly choices: readonly Choice[];
  /** Sentences, a line each; `null` when there is nothing to say. */
  readonly note: string | null;
}

const noBounds: Bounds = { min: undefined, max: undefined };

/**
 * Works out what people are offered for an alert, from its labels and from the targets as they are now: what
 * integrations offer, and always to acknowledge or dismiss it. Each suggestion carries the size that it shows
 * as its bound, so that a click never does more than the person saw. A target that cannot be read gives a note
 * instead.
 *
 * @param options.bounds the policy's, for services that give none themselves
 */
export async function suggestChoices(options: {
  readonly actions: ReadonlyMap<string, AnyAction>;
  readonly labels: Labels;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly workerAsg: string;
  readonly bounds?: Bounds;
  /** Whether Alertmanager can be asked to silence the alert. */
  readonly canSilence?: boolean;
  /** What is offered before all else. */
  readonly first?: readonly Choice[];
  /** Whether to offer a size at all; default: all are. */
  readonly isWanted?: (size: Choice) => boolean;
  /** Jobs that are offered for the alert. */
  readonly jobs?: readonly JobOffer[];
  /** What the expressions of jobs read besides labels. */
  readonly annotations?: Labels;
}): Promise<Suggestions> {
  const { actions, labels, workerAsg, bounds = noBounds, canSilence = false, first = [] } = options;
  const { isWanted = () => true, jobs = [], annotations = {} } = options;
  const variables = { worker_asg: workerAsg };
  const offers = integrations.flatMap((one) => one.offers?.(labels, variables) ?? []);
  const input = { labels, annotations, worker_asg: workerAsg };
  const [sizes, changes, runs] = await Promise.all([
    Promise.all(
      offers
        .flatMap((offer) => offer.sizes)
        .map((size) => suggestSize(size, actions.get(size.action), bounds, isWanted)),
    ),
    Promise.all(
      offers
        .flatMap((offer) => offer.changes)
        .map((change) => suggestChange(change, actions, bounds)),
    ),
    Promise.all(jobs.map((job) => suggestJob(job, actions, input, bounds))),
  ]);
  const notes = [...sizes, ...runs]
    .flatMap((one) => one.notes)
    .concat(offers.flatMap(({ note }) => note ?? []));
  return {
    choices: [
      ...first,
      ...sizes.flatMap((one) => one.choices),
      ...runs.flatMap((one) => one.choices),
      ...changes.flat(),
      ...handOver,
      ...(canSilence ? [silenceHour] : []),
    ],
    note: notes.length === 0 ? null : notes.join('\n'),
  };
}

async function suggestSize(
  offer: SizeOffer,
  action: AnyAction | undefined,
  bounds: Bounds,
  isWanted: (size: Choice) => boolean,
): Promise<{ readonly choices: readonly Choice[]; readonly notes: readonly string[] }> {
  const { name, params, steps } = offer;
  const none = (why: string) => ({
    choices: [],
    notes: [`No change is suggested for ${name}: ${why}.`],
  });
  if (action === undefined) return none(`there is no action ${offer.action}`);
  const checked = action.params.safeParse({ ...params, by: 1 });
  if (!checked.success) {
    return none(checked.error.issues.map(({ message }) => message).join('; '));
  }
  let observation: Observation<unknown>;
  try {
    observation = await action.observe(checked.data);
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    return none(error.message);
  }
  const choices: Choice[] = [];
  const notes = new Set<string>();
  const unbounded: ('minimum' | 'maximum')[] = [];
  const owner = observation.settings?.owner;
  if (owner !== undefined) notes.add(`Owner of ${name}: ${owner}.`);
  for (const { id, by } of steps) {
    const wanted = { ...params, by };
    const { plan, isUnbounded } = planStep(action, wanted, observation, bounds);
    if (plan.kind !== 'change') {
      notes.add(`Not suggested: ${plan.detail}.`);
      continue;
    }
    const { target, op } = plan;
    if (!isResize(op) || op.to === 0) continue;
    const choice: Choice = {
      id,
      label: `${offer.verb} ${shortened(target.name)} ${op.from} → ${op.to}`,
      style: by < 0 ? 'danger' : undefined,
      confirm: riskOf([{ name: target.name, operations: [op] }]),
      does: {
        kind: 'act',
        action: action.name,
        params: { ...wanted, ...boundAt(by, op.to) },
        target,
      },
    };
    if (!isWanted(choice)) continue;
    choices.push(choice);
    if (isUnbounded) unbounded.push(by > 0 ? 'maximum' : 'minimum');
  }
  if (unbounded.length > 0) {
    const sides = unbounded.map((side) => `no ${side}`).join(' and ');
    notes.add(
      `No bound: ${sides} is set for ${name}. Each button goes exactly to the size that it shows.`,
    );
  }
  return { choices, notes: [...notes] };
}

/** The bounds that are given hold for people too; where there are none, the size that is shown is the bound. */
function planStep(
  action: AnyAction,
  wanted: Readonly<Record<string, unknown>> & { readonly by: 1 | -1 },
  observation: Observation<unknown>,
  bounds: Bounds,
): { readonly plan: Plan; readonly isUnbounded: boolean } {
  const plan = action.plan(wanted, observation, bounds);
  const { size } = observation;
  if (plan.kind !== 'refused' || plan.reason !== 'no_bounds' || typeof size !== 'number') {
    return { plan, isUnbounded: false };
  }
  const to = Math.max(size + wanted.by, 0);
  const bounded = action.plan({ ...wanted, ...boundAt(wanted.by, to) }, observation, bounds);
  // of a service at 0 there is nothing to remove, and nothing to say
  return { plan: bounded, isUnbounded: bounded.kind === 'change' && to > 0 };
}

function boundAt(by: 1 | -1, to: number) {
  return by > 0 ? { max: to } : { min: to };
}
