import type { Escalation } from '../ledger/escalation.js';

/** Words of alerts about load and capacity. */
export const sizeWords: ReadonlySet<string> = new Set([
  ...[
    'backlog',
    'busy',
    'capacity',
    'concurrency',
    'connections',
    'cpu',
    'exhausted',
    'full',
    'lag',
    'latency',
  ],
  ...[
    'load',
    'memory',
    'oom',
    'overload',
    'overloaded',
    'pending',
    'pressure',
    'queue',
    'queued',
    'queues',
  ],
  ...[
    'replica',
    'replicas',
    'requests',
    'saturated',
    'saturation',
    'scale',
    'scaling',
    'size',
    'slow',
    'slower',
  ],
  ...[
    'slowly',
    'throttled',
    'throttling',
    'throughput',
    'timeout',
    'timeouts',
    'traffic',
    'unschedulable',
  ],
  ...['usage', 'utilization', 'wait', 'waiting', 'waits'],
]);

/**
 * Whether a size may be suggested for what an escalation is about. A report or an approval is about a playbook's
 * own step. An alert that no playbook takes says something about size with the label `scale`, or with a word of
 * load or capacity in its name, in the value of another label or in an annotation; `QueueFull` is two words.
 */
export function isAboutSize({
  kind,
  labels,
  annotations,
}: Pick<Escalation, 'kind' | 'labels' | 'annotations'>): boolean {
  if (kind !== 'unmatched' || labels.scale !== undefined) return true;
  const { service: _, ...others } = labels;
  return [...Object.values(others), ...Object.values(annotations)].some((text) =>
    wordsOf(text).some((word) => sizeWords.has(word)),
  );
}

function wordsOf(text: string): readonly string[] {
  const apart = text.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2');
  return apart.toLowerCase().match(/[a-z]+/g) ?? [];
}
