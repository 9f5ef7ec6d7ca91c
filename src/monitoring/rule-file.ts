import type { Labels } from './described-service.js';
import type { AlertRule } from './monitoring.js';

/** The rules of a service: one group of the file. */
export interface RuleGroup {
  readonly name: string;
  readonly rules: readonly AlertRule[];
}

/** Writes a rule file of Prometheus, a group for each service, in the order of their names. */
export function writeRuleFile(groups: readonly RuleGroup[]): string {
  const filled = groups
    .filter(({ rules }) => rules.length > 0)
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  if (filled.length === 0) return 'groups: []\n';
  return `groups:\n${filled.map(groupText).join('')}`;
}

function groupText({ name, rules }: RuleGroup): string {
  return `  - name: ${quoted(name)}\n    rules:\n${rules.map(ruleText).join('')}`;
}

function ruleText({ alert, expr, for: lasting, labels, annotations }: AlertRule): string {
  const lines = [`      - alert: ${quoted(alert)}`, `        expr: ${quoted(expr)}`];
  if (lasting !== undefined) lines.push(`        for: ${quoted(lasting)}`);
  lines.push(...pairs('labels', labels), ...pairs('annotations', annotations));
  return `${lines.join('\n')}\n`;
}

function pairs(key: string, labels: Labels): string[] {
  const entries = Object.entries(labels);
  if (entries.length === 0) return [];
  return [
    `        ${key}:`,
    ...entries.map(([name, value]) => `          ${quoted(name)}: ${quoted(value)}`),
  ];
}

/** A text in quotes, in which everything that YAML does not print is escaped. */
function quoted(text: string): string {
  const whole = text.replace(/\p{Surrogate}/gu, '\ufffd');
  return JSON.stringify(whole).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
