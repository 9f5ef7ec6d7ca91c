import type { AnyAction, Bounds, Observation, Plan } from '../action/action.js';
import type { Labels } from '../alert/alert.js';
import type { Choice } from '../ledger/escalation.js';
import { TargetError } from '../target/target-error.js';
import { handOver, silenceHour } from './choices.js';
import { riskOf } from './risk.js';
import { suggestCare } from './suggest-care.js';

/** What a person may choose, and why something that could have been expected is not among it. */
export interface Suggestions {
  readonly choices: readonly Choice[];
  /** Sentences, a line each; `null` when there is nothing to say. */
  readonly note: string | null;
}

/** A target that the labels speak of, and the steps that may be suggested for it. */
interface Subject {
  readonly action: string;
  /** As people call it: `service web`. */
  readonly name: string;
  /** The parameters that name the target. */
  readonly params: Readonly<Record<string, string>>;
  readonly verb: string;
  readonly steps: readonly { readonly id: string; readonly by: 1 | -1 }[];
}

/** Keeps room in a button for the numbers. */
const longestName = 40;

const noBounds: Bounds = { min: undefined, max: undefined };

/**
 * Works out what a person may want done about an alert, from its labels and from the targets as they
 * are now: one replica more or fewer of its service, a restart of it, the rollback of a rollout that
 * Swarm has paused, one instance more for a node; and always to
 * acknowledge or dismiss it. Each suggestion carries the size that it shows as its bound, so that a
 * click never does more than the person saw. A target that cannot be read gives a note instead.
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
}): Promise<Suggestions> {
  const { actions, labels, workerAsg, bounds = noBounds, canSilence = false } = options;
  const isNode = labels.type === 'node';
  const group = labels.asg || (isNode ? workerAsg : '');
  const subjects = [...serviceSubject(labels), ...groupSubject(group)];
  const suggested = await Promise.all(
    subjects.map((subject) => suggestFor(subject, actions.get(subject.action), bounds)),
  );
  const notes = suggested.flatMap((one) => one.notes);
  const care =
    labels.service && !isNode
      ? await suggestCare({ actions, service: labels.service, bounds })
      : [];
  if (isNode && group === '') {
    notes.push('No change is suggested for nodes: set JIDOKA_WORKER_ASG, or a label asg.');
  }
  return {
    choices: [
      ...suggested.flatMap((one) => one.choices),
      ...care,
      ...handOver,
      ...(canSilence ? [silenceHour] : []),
    ],
    note: notes.length === 0 ? null : notes.join('\n'),
  };
}

function serviceSubject({ service }: Labels): Subject[] {
  if (!service) return [];
  return [
    {
      action: 'swarm.scale',
      name: `service ${service}`,
      params: { service },
      verb: 'Scale',
      steps: [
        { id: 'up', by: 1 },
        { id: 'down', by: -1 },
      ],
    },
  ];
}

function groupSubject(group: string): Subject[] {
  if (group === '') return [];
  return [
    {
      action: 'asg.resize',
      name: `group ${group}`,
      params: { group },
      verb: 'Resize',
      steps: [{ id: 'node', by: 1 }],
    },
  ];
}

async function suggestFor(
  subject: Subject,
  action: AnyAction | undefined,
  bounds: Bounds,
): Promise<{ readonly choices: readonly Choice[]; readonly notes: readonly string[] }> {
  const { name, params, steps } = subject;
  const none = (why: string) => ({
    choices: [],
    notes: [`No change is suggested for ${name}: ${why}.`],
  });
  if (action === undefined) return none(`there is no action ${subject.action}`);
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
  const owner = observation.says?.owner;
  if (owner !== undefined) notes.add(`Owner of ${name}: ${owner}.`);
  for (const { id, by } of steps) {
    const wanted = { ...params, by };
    const plan = planStep(action, wanted, observation, bounds);
    if (plan.kind !== 'change') {
      notes.add(`Not suggested: ${plan.detail}.`);
      continue;
    }
    const { target, from, to, unit } = plan;
    if (to === 0) continue;
    choices.push({
      id,
      label: `${subject.verb} ${shortened(target.name)} ${from} → ${to}`,
      style: by < 0 ? 'danger' : undefined,
      confirm: riskOf([{ name: target.name, unit, from, to: [to] }]),
      does: {
        kind: 'act',
        action: action.name,
        params: { ...wanted, ...boundAt(by, to) },
        target,
      },
    });
  }
  return { choices, notes: [...notes] };
}

/** The bounds that are given hold for people too; where there are none, the size that is shown is the bound. */
function planStep(
  action: AnyAction,
  wanted: Readonly<Record<string, unknown>> & { readonly by: 1 | -1 },
  observation: Observation<unknown>,
  bounds: Bounds,
): Plan {
  const plan = action.plan(wanted, observation, bounds);
  const { size } = observation;
  if (plan.kind !== 'refused' || plan.reason !== 'no_bounds' || typeof size !== 'number') {
    return plan;
  }
  const to = Math.max(size + wanted.by, 0);
  return action.plan({ ...wanted, ...boundAt(wanted.by, to) }, observation, bounds);
}

function boundAt(by: 1 | -1, to: number | string) {
  return by > 0 ? { max: to } : { min: to };
}

function shortened(name: string): string {
  return name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`;
}
