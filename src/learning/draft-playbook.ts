import { quoteGoString } from '../alertmanager/go-string.js';
import { createMatcher } from '../alertmanager/matcher.js';
import type { LearnedParam } from '../integrations/contract/learning.js';
import { nounOf } from '../integrations/describe-target.js';
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
  const { does, until, sources, target, change, guards } = learned;
  const bound = until === undefined ? '' : `, ${until}`;
  const seenFor = new Map(
    [...sources].map(([text, { label }]) => [
      label,
      text === target ? nounOf(change.target) || 'target' : 'value',
    ]),
  );
  return [
    comment(
      `Made from an action of ${parts.by} for ${match.alertname ?? ''} (escalation ${parts.escalationId}).`,
      `The alert resolved by ${formatTime(parts.helpedAtMs)}. The playbook requires approval. Once you trust it, set`,
      '"mode: auto".',
    ),
    `name: ${name}`,
    `summary: ${yaml(`${does} when ${match.alertname ?? 'the alert'} fires${bound}.`)}`,
    ...(owner === undefined ? [] : [`owner: ${yaml(owner)}`]),
    'match:',
    ...Object.entries(match).flatMap(([label, value]) => [
      ...(seenFor.has(label)
        ? [
            `  ${comment(`A person has seen it for this ${seenFor.get(label)} only; for all of them: ${label} != ""`)}`,
          ]
        : []),
      `  - ${yaml(matcher(label, value))}`,
    ]),
    'mode: approve',
    'steps:',
    `  - ${learned.action}:`,
    ...learned.params.flatMap((param) => paramLines(param, learned)),
    `    settle: ${formatDuration(learned.settleMs)}`,
    'guards:',
    `  cooldown: ${formatDuration(guards.cooldownMs)}`,
    `  limits: [${guards.limit}]`,
    ...(channel === undefined ? [] : [`escalate: { channel: ${flowYaml(channel)} }`]),
    '',
  ].join('\n');
}

function paramLines(
  { name, value, comment: why, fixed }: LearnedParam,
  learned: Learned,
): string[] {
  const indent = ' '.repeat(6);
  const written = (one: string | number | boolean) =>
    typeof one === 'string' ? yaml(fixed === true ? one : templateOf(one, learned)) : String(one);
  const above = why === undefined ? [] : [`${indent}${comment(why)}`];
  if (typeof value !== 'object') return [...above, `${indent}${name}: ${written(value)}`];
  const pairs = Object.entries(value).map(([key, one]) => `${indent}  ${key}: ${written(one)}`);
  return [...above, `${indent}${name}:`, ...pairs];
}

/** A text as an expression where the alert holds it. One that would be read as an expression is quoted in one. */
function templateOf(text: string, { sources }: Learned): string {
  const source = sources.get(text);
  if (source !== undefined) return `\${{ ${source.expression} }}`;
  return text.includes('${{') ? `\${{ ${JSON.stringify(text)} }}` : text;
}

/** A matcher as people write it: `alertname = "Slow"`. */
function matcher(name: string, value: string): string {
  const text = createMatcher({ name, op: '=', value }).toString();
  const quoted = quoteGoString(value);
  return `${text.slice(0, -quoted.length - 1)} = ${quoted}`;
}
