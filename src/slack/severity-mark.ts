import type { Labels } from '../alertmanager/alert.js';
import { severityOf } from '../escalation/severity.js';
import type { SeverityPolicy } from '../playbook/policy.js';
import { bold } from './text.js';

const longestName = 40;
const colors = ['🔴', '🟠', '🟡'];
const otherColor = '🔵';

/** The color and name of an alert's severity, by the policy's order; the empty string: it has none. */
export function severityMark(labels: Labels, policy: SeverityPolicy): string {
  const { name, rank } = severityOf(labels, policy);
  if (name === '') return '';
  const color = rank < policy.order.length ? colors[rank] : undefined;
  return `${color ?? otherColor} ${bold(name, longestName)}`;
}
