import type { Labels } from '../alertmanager/alert.js';
import { labelValue } from '../alertmanager/labels.js';
import { targetLabels } from '../integrations/registry.js';

/** Labels by which a playbook can know an alert again, and why the others are not among them. */
export interface StableLabels {
  readonly kept: Labels;
  /** Sentences, one a label: `pod: it names one instance`. */
  readonly leftOut: readonly string[];
}

/** Labels that name one instance of a thing, which is another one the next time. */
const instanceNames: ReadonlySet<string> = new Set([
  'instance',
  'pod',
  'pod_name',
  'container',
  'container_id',
  'container_name',
  'task',
  'task_id',
  'task_name',
  'task_slot',
  'slot',
  'id',
  'uid',
  'ip',
  'address',
  'host',
  'hostname',
  'node',
  'node_id',
  'nodename',
  'device',
  'pid',
  'replica',
  'replicaset',
  'prometheus',
  'prometheus_replica',
  'request_id',
  'trace_id',
]);

/** Values that are made again again and again. */
const passingValues: readonly (readonly [RegExp, string])[] = [
  [/^[+-]?\d+([.,]\d+)*\s*%?$/, 'its value is a number'],
  [/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i, 'its value is a UUID'],
  [/^\d{1,3}(\.\d{1,3}){3}(:\d+|\/\d+)?$/, 'its value is an IP address'],
  [/^\[?[0-9a-f]{0,4}(:[0-9a-f]{0,4}){2,7}\]?(:\d+)?$/i, 'its value is an IP address'],
  [/^(sha256:)?(?=.*\d)[0-9a-f]{8,}$/i, 'its value is an id'],
  [/^\d{4}-\d{2}-\d{2}([T ]|$)/, 'its value is a time'],
  [/[.-](?=[a-z]*\d)[a-z0-9]{20,}$/i, 'its value ends in an id'],
  [/-[a-f0-9]{8,10}-[a-z0-9]{5}$/, 'its value ends in an id'],
  [/\.\d+\.(?=.*\d)[a-z0-9]{10,}$/, 'its value ends in an id'],
];

/** Longer texts are prose, which is worded again. */
const longestValue = 100;

/**
 * Sorts the labels of an alert into those that say what kind of alert it is and those that name an
 * instance or a moment. Pure.
 *
 * @param options.labels what the alert said
 * @param options.ignored the policy's `ignored_labels`
 * @param options.always labels that are kept whatever they hold: those that name the target
 * @param options.others the labels of other alerts of that name to which people gave the same answer:
 * what differs between them is not what it depends on
 */
export function stableLabels(options: {
  readonly labels: Labels;
  readonly ignored: ReadonlySet<string>;
  readonly always: ReadonlySet<string>;
  readonly others: readonly Labels[];
}): StableLabels {
  const { labels, ignored, always, others } = options;
  const kept = new Map<string, string>();
  const leftOut: string[] = [];
  for (const [name, value] of Object.entries(labels).sort(byImportance)) {
    const why = always.has(name) ? undefined : passing(name, value);
    if (why === undefined) kept.set(name, value);
    else leftOut.push(`${name}: ${why}`);
  }
  return { kept: Object.fromEntries(kept), leftOut };

  function passing(name: string, value: string): string | undefined {
    if (value === '') return 'it is empty';
    if (ignored.has(name)) return 'the policy ignores it';
    if (instanceNames.has(name.toLowerCase())) return 'it names one instance';
    if (value.length > longestValue) return 'its value is a long text';
    if (others.some((other) => labelValue(other, name) !== value)) {
      return 'it differed between alerts that got the same answer';
    }
    return passingValues.find(([pattern]) => pattern.test(value))?.[1];
  }
}

const first = ['alertname', ...targetLabels, 'type', 'scale', 'severity', 'job'];

function byImportance([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return placeOf(a) - placeOf(b) || (a < b ? -1 : 1);
}

function placeOf(name: string): number {
  const place = first.indexOf(name);
  return place < 0 ? first.length : place;
}
