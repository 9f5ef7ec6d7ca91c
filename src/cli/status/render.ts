import { styleText } from 'node:util';
import { visible } from '../../lib/visible.js';
import { describeScope } from '../pause/scope.js';
import { describeLabels, describeLength, describeTime } from '../shown.js';
import type { EngineStatus, OpenWork } from './read.js';

/** So that everything stays on one screen. */
const maxLines = 8;

/** What an engine does, as a person reads it. Coloured where the terminal has colours. */
export function renderStatus(url: string, status: EngineStatus, nowMs: number): string {
  const lines = [
    ...readyLines(url, status.readiness),
    ...(status.open === null
      ? ['', 'Open alerts and runs are shown when the engine is ready.']
      : openLines(status.open, nowMs)),
  ];
  return `${lines.join('\n')}\n`;
}

function openLines(open: OpenWork, nowMs: number): string[] {
  const { escalations, runs, alerts, pauses } = open;
  return [
    '',
    `Open alerts: ${alerts.length}`,
    ...block('Paused', pauses.map(pauseLine(nowMs))),
    ...trippedLines(open),
    ...block('Needs attention', escalations.map(escalationLine(nowMs))),
    ...block('Active runs', runs.map(runLine(nowMs))),
    ...block('Deferred', heldLines(alerts, nowMs)),
    ...whyLines(alerts),
  ];
}

function readyLines(url: string, { ready, checks }: EngineStatus['readiness']): string[] {
  const word = ready ? styled('green', 'ready') : styled('red', 'NOT READY');
  return [
    `${url} is ${word}`,
    ...Object.entries(checks).map(
      ([name, { ok, detail }]) =>
        `  ${visible(name).padEnd(12)}${ok ? visible(detail) : styled('red', visible(`FAILS: ${detail}`))}`,
    ),
  ];
}

function block(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return ['', `${title}: nothing`];
  const left = lines.length - maxLines;
  return [
    '',
    `${title} (${lines.length})`,
    ...lines.slice(0, maxLines).map((line) => `  ${visible(line)}`),
    ...(left > 0 ? [`  … and ${left} more`] : []),
  ];
}

function pauseLine(nowMs: number) {
  return (pause: OpenWork['pauses'][number]): string => {
    const until =
      pause.untilMs === null ? 'until it is lifted' : `until ${describeTime(pause.untilMs, nowMs)}`;
    return `${describeScope(pause)} by ${pause.by}: ${pause.why}; ${until}`;
  };
}

/** What has tripped and waits for a person to reset it; nothing where nothing has. */
function trippedLines({ tripped, breakers }: OpenWork): string[] {
  const lines = [
    ...(tripped === null ? [] : [`blast radius: ${tripped.detail}`]),
    ...breakers.map(
      ({ playbook, failures }) => `breaker of ${playbook}: ${failures} runs did not help; it asks`,
    ),
  ];
  return lines.length === 0 ? [] : block('Reset required', lines);
}

function escalationLine(nowMs: number) {
  return (escalation: OpenWork['escalations'][number]): string => {
    const { kind, title, openEpisodes, reasonText, createdAtMs, id } = escalation;
    const alerts = openEpisodes > 1 ? ` (${openEpisodes} alerts)` : '';
    return `${kind.padEnd(10)}${title}${alerts}: ${reasonText}; since ${describeLength(nowMs - createdAtMs)}, ${id}`;
  };
}

function runLine(nowMs: number) {
  return ({ origin, state, attempts, waiting, createdAtMs, id }: OpenWork['runs'][number]) => {
    const by = origin.kind === 'playbook' ? origin.playbook : `${origin.by}'s choice`;
    const last = attempts.at(-1);
    const change = last === undefined ? '' : `, ${last.text}`;
    const waits = waiting === null ? '' : `, waits: ${waiting.reasonText}`;
    return `${by}: ${state}${change}${waits}; since ${describeLength(nowMs - createdAtMs)}, ${id}`;
  };
}

function heldLines(alerts: OpenWork['alerts'], nowMs: number): string[] {
  return alerts.flatMap(({ labels, verdicts }) =>
    verdicts
      .filter(({ fate }) => fate === 'held')
      .map(({ playbook, reasonText, untilMs }) => {
        const until = untilMs === undefined ? '' : `, until ${describeTime(untilMs, nowMs)}`;
        return `${describeLabels(labels)}: ${playbook}: ${reasonText}${until}`;
      }),
  );
}

/** Where an operator finds what is in the way; nothing where nothing is held. */
function whyLines(alerts: OpenWork['alerts']): string[] {
  const isHeld = alerts.some(({ verdicts }) => verdicts.some(({ fate }) => fate === 'held'));
  return isHeld ? ['  jidoka explain LABEL=VALUE ... says what is in the way'] : [];
}

function styled(colour: 'green' | 'red', text: string): string {
  return styleText(colour, text, { stream: process.stdout });
}
