import { quoteGoString } from '../alertmanager/go-string.js';
import { createMatcher } from '../alertmanager/matcher.js';
import { simulatedKinds } from '../integrations/simulate.js';
import { formatDuration, formatTime } from '../lib/time.js';
import type { Learned } from './learned.js';
import { comment, flowYaml, yaml } from './yaml-text.js';

/** What a draft is made of. */
export interface DraftParts {
  readonly name: string;
  readonly learned: Learned;
  /** The labels by which it knows the alert, in the order in which they are written. */
  readonly match: Readonly<Record<string, string>>;
  readonly owner: string | undefined;
  readonly channel: string | undefined;
  readonly by: string;
  readonly escalationId: string;
  readonly helpedAtMs: number;
}

/** The text of a playbook that asks whether to do again what a person did. Pure. */
export function draftPlaybook(parts: DraftParts): string {
  const { name, learned, match, owner, channel } = parts;
  const { how, target, by, to, unit } = learned;
  const kind = simulatedKinds()[how.kind]?.one ?? 'target';
  const bound = by > 0 ? 'max' : 'min';
  const size = `${Math.abs(by)} ${Math.abs(by) === 1 ? unit.replace(/s$/, '') : unit}`;
  const does = by > 0 ? `Adds ${size} to` : `Takes ${size} from`;
  const named = learned.expression === null ? target : `\${{ ${learned.expression} }}`;
  const limit = by > 0 ? 'above' : 'below';
  return [
    comment(
      `Made from an action of ${parts.by} for ${match.alertname ?? ''} (escalation ${parts.escalationId}).`,
      `The alert resolved by ${formatTime(parts.helpedAtMs)}. The playbook requires approval. Once you trust it, set`,
      '"mode: auto".',
    ),
    `name: ${name}`,
    `summary: ${yaml(`${does} ${target} when ${match.alertname ?? 'the alert'} fires, ${by > 0 ? 'up' : 'down'} to ${to}.`)}`,
    ...(owner === undefined ? [] : [`owner: ${yaml(owner)}`]),
    'match:',
    ...Object.entries(match).flatMap(([label, value]) => [
      ...(label === learned.label
        ? [`  # A person has seen it for this ${kind} only; for all of them: ${label} != ""`]
        : []),
      `  - ${yaml(matcher(label, value))}`,
    ]),
    'mode: approve',
    'steps:',
    `  - ${learned.action}:`,
    `      ${how.param}: ${yaml(named)}`,
    `      by: ${by}`,
    `      # Never ${limit} what the person chose. ${how.besides}`,
    `      ${bound}: ${to}`,
    `    settle: ${formatDuration(learned.settleMs)}`,
    'guards:',
    '  cooldown: 10m',
    '  limits: [3 per 1h]',
    ...(channel === undefined ? [] : [`escalate: { channel: ${flowYaml(channel)} }`]),
    '',
  ].join('\n');
}

/** A matcher as people write it: `alertname = "Slow"`. */
function matcher(name: string, value: string): string {
  const text = createMatcher({ name, op: '=', value }).toString();
  const quoted = quoteGoString(value);
  return `${text.slice(0, -quoted.length - 1)} = ${quoted}`;
}
