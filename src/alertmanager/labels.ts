import type { Labels } from './alert.js';

/** The value of a label; the empty string where it is missing, as Alertmanager has it. */
export function labelValue(labels: Labels, name: string): string {
  return Object.hasOwn(labels, name) ? (labels[name] ?? '') : '';
}
