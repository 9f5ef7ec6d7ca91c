import type { Labels } from '../alertmanager/alert.js';
import { labelValue } from '../alertmanager/labels.js';
import type { SeverityPolicy } from '../playbook/policy.js';

/** How severe an alert is. */
export interface Severity {
  /** The value of its label; the empty string: it has none. */
  readonly name: string;
  /** Its place in the policy's order, 0 the most severe; a value that is not listed comes after those, none last. */
  readonly rank: number;
}

/** Reads the severity of an alert from its labels. Pure. */
export function severityOf(labels: Labels, { label, order }: SeverityPolicy): Severity {
  const name = labelValue(labels, label);
  if (name === '') return { name, rank: order.length + 1 };
  const place = order.findIndex((value) => value.toLowerCase() === name.toLowerCase());
  return { name, rank: place < 0 ? order.length : place };
}
