import type { AlertingRule } from './answer.js';

/** The rule of an alert, or why it is not known which one it is. */
export type FoundRule =
  | { readonly kind: 'found'; readonly rule: AlertingRule }
  | { readonly kind: 'none' }
  /** Several of its name could be it, with other expressions. */
  | { readonly kind: 'several'; readonly count: number };

/**
 * Finds the rule that an alert comes from among those of its name: its labels are the alert's. The expression
 * in the alert's generator URL tells several apart. It counts only where it equals that of a rule, because
 * anyone who may post an alert may write anything there.
 */
export function findRule(
  rules: readonly AlertingRule[],
  alert: { readonly labels: Readonly<Record<string, string>>; readonly generatorUrl: string },
): FoundRule {
  const fitting = rules.filter(({ labels }) =>
    Object.entries(labels).every(
      ([name, value]) => isTemplate(value) || alert.labels[name] === value,
    ),
  );
  const claimed = expressionIn(alert.generatorUrl);
  const confirmed = fitting.filter(({ expression }) => expression === claimed);
  const [rule, ...others] = confirmed.length > 0 ? confirmed : fitting;
  if (rule === undefined) return { kind: 'none' };
  const isSame = others.every(({ expression }) => expression === rule.expression);
  return isSame ? { kind: 'found', rule } : { kind: 'several', count: others.length + 1 };
}

/** What a label becomes is known to Prometheus alone. */
function isTemplate(value: string): boolean {
  return value.includes('{{');
}

function expressionIn(generatorUrl: string): string | null {
  return URL.canParse(generatorUrl) ? new URL(generatorUrl).searchParams.get('g0.expr') : null;
}
