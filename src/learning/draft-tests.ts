import type { Labels } from '../alertmanager/alert.js';
import type { LearnedEffect, LearnedTargets } from '../integrations/contract/learning.js';
import { describeChange } from '../integrations/operations.js';
import { simulatedKinds } from '../integrations/simulate.js';
import { formatDuration, formatTime } from '../lib/time.js';
import { type Learned, namesWorkers } from './learned.js';
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

/**
 * The text of the tests of a draft, made from the episode: it asks and then does what the person did; it does
 * nothing where there is nothing to do; it rests between changes; and alerts that differ in what it matches are
 * none of its business. Pure.
 */
export function draftTests(parts: DraftTestsParts): string {
  const { name, learned, match, by, helpedAtMs } = parts;
  const isShort = ([label, value]: [string, string]) =>
    value.length <= longestValue || Object.hasOwn(match, label);
  const labels = Object.fromEntries(Object.entries(parts.labels).filter(isShort));
  const { change, settleMs, guards } = learned;
  const { before, effect, idle, twice } = learned.tests;
  const askedMs = 30_000;
  const yesMs = 60_000;
  const doneMs = yesMs + settleMs + 3 * helpsAfterMs;
  const says = (atMs: number) =>
    `      - { at: ${formatDuration(atMs)}, by: ${flowYaml(by)}, chooses: Approve }`;
  const againMs = 3 * helpsAfterMs;
  const lines = [
    comment(
      `Made from what was seen on ${formatTime(helpedAtMs)}: ${by} chose to`,
      `${describeChange(change)}, and the alert resolved.`,
    ),
    ...(namesWorkers(learned) ? [`worker_asg: ${flowYaml(learned.target ?? '')}`] : []),
    ...targetLines(before, ''),
    '',
    'tests:',
    `  - name: it asks first, then does what helped`,
    '    alerts:',
    `      - labels: &alert ${flowMapping(labels)}`,
    `        ${resolvedBy(effect)}`,
    '    people:',
    says(yesMs),
    '    expect:',
    `      - at: ${formatDuration(askedMs)}`,
    '        effects: []',
    `        runs: [{ playbook: ${name}, state: awaiting_approval }]`,
    `      - at: ${formatDuration(doneMs)}`,
    `        effects: [${effectText(effect)}]`,
    `        runs: [{ playbook: ${name}, outcome: done, reason: resolved }]`,
  ];
  if (idle !== undefined) {
    lines.push(
      '',
      `  - name: ${idle.shows}`,
      ...targetLines(idle.targets, '    '),
      '    alerts:',
      '      - labels: *alert',
      '    expect:',
      '      - at: 1m',
      '        effects: []',
      // what is refused begins no run
      idle.reason === 'at_bound'
        ? `        runs: [{ playbook: ${name}, state: ended, reason: at_bound }]`
        : `        decisions: [{ playbook: ${name}, fate: escalated, reason: ${idle.reason} }]`,
    );
  }
  if (twice !== undefined) {
    const [first, second] = twice.effects;
    const restedMs = yesMs + guards.cooldownMs;
    lines.push(
      '',
      '  - name: the target rests after a change',
      ...targetLines(twice.targets, '    '),
      '    alerts:',
      `      - { labels: *alert, fires: 0s, ${resolvedBy(first)} }`,
      `      - { labels: *alert, fires: ${formatDuration(yesMs + againMs)} }`,
      '    people:',
      says(yesMs),
      says(2 * yesMs + againMs),
      '    expect:',
      `      - { at: ${formatDuration(restedMs - 60_000)}, effects: [${effectText(first)}] }`,
      `      - { at: ${formatDuration(restedMs + 60_000)}, effects: [${effectText(first)}, ${effectText(second)}] }`,
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

/** Targets as a test declares them. */
function targetLines(targets: LearnedTargets, indent: string): string[] {
  return Object.entries(targets).flatMap(([key, named]) => [
    `${indent}${key}:`,
    ...Object.entries(named).map(([name, state]) => {
      const pairs = Object.entries(state).map(([field, value]) => `${field}: ${value}`);
      const text = pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
      return `${indent}  ${flowYaml(name)}: ${text}`;
    }),
  ]);
}

/** `resolves_when: { service: web, reaches: 3 }` */
function resolvedBy({ key, name, does }: LearnedEffect): string {
  const change = typeof does === 'string' ? `does: ${does}` : `reaches: ${does.to}`;
  return `resolves_when: { ${simulatedKinds()[key]?.one}: ${flowYaml(name)}, ${change} }`;
}

/** `{ web: 2 -> 3 }` */
function effectText({ name, does }: LearnedEffect): string {
  return `{ ${flowYaml(name)}: ${typeof does === 'string' ? does : `${does.from} -> ${does.to}`} }`;
}
