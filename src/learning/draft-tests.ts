import type { Labels } from '../alertmanager/alert.js';
import { simulatedKinds } from '../integrations/simulate.js';
import { formatDuration, formatTime } from '../lib/time.js';
import type { Learned } from './learned.js';
import { comment, flowMapping, flowYaml } from './yaml-text.js';

/** What the tests of a draft are made of. */
export interface DraftTestsParts {
  readonly name: string;
  readonly learned: Learned;
  /** All that the alert said. */
  readonly labels: Labels;
  readonly match: Labels;
  readonly by: string;
  readonly helpedAtMs: number;
  /** Who takes an alert that differs from this one in a label; `null`: a person. */
  readonly takerOf: (labels: Labels) => string | null;
}

/** Longer values, which no matcher holds, say nothing to the tests. */
const longestValue = 200;
/** How many of its matchers are tested one by one. */
const maxMatchers = 12;
/** How long the alert took to resolve in the tests, once the target was as it was asked to be. */
const helpsAfterMs = 60_000;
const cooldownMs = 10 * 60_000;

/**
 * The text of the tests of a draft, made from the episode: it asks and then does what the person did;
 * it goes no further; it rests between changes; and alerts that differ in what it matches are none of
 * its business. Pure.
 */
export function draftTests(parts: DraftTestsParts): string {
  const { name, learned, match, by, helpedAtMs } = parts;
  const isShort = ([label, value]: [string, string]) =>
    value.length <= longestValue || Object.hasOwn(match, label);
  const labels = Object.fromEntries(Object.entries(parts.labels).filter(isShort));
  const { from, to, target, unit, settleMs } = learned;
  const kind = simulatedKinds()[learned.how.kind];
  const quoted = flowYaml(target);
  const askedMs = 30_000;
  const yesMs = 60_000;
  const doneMs = yesMs + settleMs + 3 * helpsAfterMs;
  const change = (a: number, b: number) => `{ ${quoted}: ${a} -> ${b} }`;
  const helps = (reaches: number) =>
    `resolves_when: { ${kind?.one}: ${quoted}, reaches: ${reaches} }`;
  const says = (atMs: number) =>
    `      - { at: ${formatDuration(atMs)}, by: ${flowYaml(by)}, chooses: Approve }`;
  const before = from - learned.by;
  const againMs = 3 * helpsAfterMs;
  const lines = [
    comment(
      `Made from what was seen on ${formatTime(helpedAtMs)}: ${target} had ${from} ${unit}, ${by} chose ${to},`,
      'and the alert resolved.',
    ),
    ...(learned.expression === 'worker_asg' ? [`worker_asg: ${quoted}`] : []),
    ...targets(learned, from, ''),
    '',
    'tests:',
    `  - name: it asks first, then does what helped`,
    '    alerts:',
    `      - labels: &alert ${flowMapping(labels)}`,
    `        ${helps(to)}`,
    '    people:',
    says(yesMs),
    '    expect:',
    `      - at: ${formatDuration(askedMs)}`,
    '        effects: []',
    `        runs: [{ playbook: ${name}, state: awaiting_approval }]`,
    `      - at: ${formatDuration(doneMs)}`,
    `        effects: [${change(from, to)}]`,
    `        runs: [{ playbook: ${name}, outcome: done, reason: resolved }]`,
    '',
    '  - name: it goes no further than the person did',
    ...targets(learned, to, '    '),
    '    alerts:',
    '      - labels: *alert',
    '    expect:',
    '      - at: 1m',
    '        effects: []',
    `        runs: [{ playbook: ${name}, state: ended, reason: at_bound }]`,
  ];
  if (before >= 0) {
    lines.push(
      '',
      '  - name: the target rests after a change',
      ...targets(learned, before, '    '),
      '    alerts:',
      `      - { labels: *alert, fires: 0s, ${helps(from)} }`,
      `      - { labels: *alert, fires: ${formatDuration(yesMs + againMs)} }`,
      '    people:',
      says(yesMs),
      says(2 * yesMs + againMs),
      '    expect:',
      `      - { at: ${formatDuration(yesMs + cooldownMs - 60_000)}, effects: [${change(before, from)}] }`,
      `      - { at: ${formatDuration(yesMs + cooldownMs + 60_000)}, effects: [${change(before, from)}, ${change(from, to)}] }`,
    );
  }
  lines.push('', '  - name: other alerts are none of its business', '    alerts:');
  const others = Object.entries(match)
    .slice(0, maxMatchers)
    .map(([label, value]) => [label, `other-${value}`] as const);
  for (const [label, value] of others) {
    lines.push(`      - labels: ${flowMapping({ ...match, [label]: value })}`);
  }
  lines.push('    expect:', '      - at: 30s', '        decisions:');
  for (const [label, value] of others) {
    const taker = parts.takerOf({ ...match, [label]: value });
    const fate =
      taker === null ? 'fate: escalated, reason: no_match' : `playbook: ${flowYaml(taker)}`;
    lines.push(`          - { alert: ${flowMapping({ [label]: value })}, ${fate} }`);
  }
  return `${lines.join('\n')}\n`;
}

/** The target as it is before anything is done. */
function targets({ how, target, to, from, by }: Learned, size: number, indent: string): string[] {
  const least = Math.max(0, Math.min(from, to) - Math.abs(by));
  const most = Math.max(from, to) + Math.abs(by);
  const declared = simulatedKinds()[how.kind]?.size?.write(size, least, most) ?? {};
  const pairs = Object.entries(declared).map(([key, value]) => `${key}: ${value}`);
  return [`${indent}${how.kind}:`, `${indent}  ${flowYaml(target)}: { ${pairs.join(', ')} }`];
}
