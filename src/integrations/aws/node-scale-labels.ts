import type { SwarmService } from '../swarm/answer.js';
import type { LabelledNumber } from '../swarm/service-labels.js';

/** Which nodes a group holds, as docker-scaler's labels tell them apart. */
export const nodeRoles = ['worker', 'manager'] as const;
export type NodeRole = (typeof nodeRoles)[number];

/** What a service's labels say about how many nodes there are; `undefined`: they say nothing about that. */
export interface NodeScaleLabels {
  readonly min: LabelledNumber | undefined;
  readonly max: LabelledNumber | undefined;
  readonly upBy: LabelledNumber | undefined;
  readonly downBy: LabelledNumber | undefined;
  /** What cannot be read, a sentence each. No group is resized by labels that have any. */
  readonly faults: readonly string[];
}

/**
 * Reads docker-scaler's labels about nodes: `com.df.scaleWorkerNodeMax`, `com.df.scaleManagerNodeUpBy`, …
 * Those of the containers count where the service has none of its own.
 */
export function readNodeScaleLabels(
  { name, labels, containerLabels }: Pick<SwarmService, 'name' | 'labels' | 'containerLabels'>,
  role: NodeRole,
): NodeScaleLabels {
  const faults: string[] = [];
  const prefix = `com.df.scale${role === 'worker' ? 'Worker' : 'Manager'}Node`;

  function count(what: 'Min' | 'Max' | 'UpBy' | 'DownBy', least: number) {
    const label = `${prefix}${what}`;
    const text = labels[label] ?? containerLabels[label];
    if (text === undefined) return undefined;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least) return { value, label: `${label} of service ${name}` };
    const expected = `a whole number of at least ${least}`;
    faults.push(`label ${label} is ${JSON.stringify(text.slice(0, 80))}; expected ${expected}`);
    return undefined;
  }

  const read = {
    min: count('Min', 0),
    max: count('Max', 0),
    upBy: count('UpBy', 1),
    downBy: count('DownBy', 1),
  };
  const { min, max } = read;
  if (min !== undefined && max !== undefined && min.value > max.value) {
    faults.push(`label ${min.label} (${min.value}) is above label ${max.label} (${max.value})`);
  }
  return { ...read, faults };
}
