import { styleText } from 'node:util';
import type { ShownExplanation } from '../../api/explain-schema.js';
import { describeFound } from '../../escalation/describe.js';
import { resize } from '../../integrations/contract/operation.js';
import { visible } from '../../lib/visible.js';
import { indented } from '../lines.js';
import { describeLabels, describeTime } from '../shown.js';
import { answerOf, type Compared, type Forecast, untilWhen } from './answer.js';
import { episodeLines } from './episode.js';

interface Options {
  /** The only playbook that was asked about. */
  readonly playbook: string | undefined;
  /** How wide the terminal is; `undefined`: it is none, and lines are as long as they are. */
  readonly columns: number | undefined;
}

/** Explanations as a person reads them: the answer first. Coloured where the terminal has colours. */
export function renderExplanations(items: readonly ShownExplanation[], options: Options): string {
  const blocks = items.map((item, index) => {
    const head = items.length > 1 ? [bold(`Alert ${index + 1} of ${items.length}`)] : [];
    return [...head, ...explanationLines(item, options)].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

function explanationLines(item: ShownExplanation, { playbook, columns }: Options): string[] {
  const say = (text: string, indent = 0) => indented(visible(text), indent, columns);
  return [
    ...say(answerOf(item, playbook)).map(bold),
    '',
    ...say(describeLabels(item.labels)),
    ...(item.source === 'alertmanager' ? [] : say(`from ${item.source}`, 2)),
    ...item.forecasts
      .filter((one) => playbook === undefined || one.playbook === playbook)
      .flatMap((one) => ['', ...forecastLines(one, item, say)]),
    '',
    ...playbookLines(item, playbook, say),
    ...(item.episode === null ? [] : ['', ...episodeLines(item.episode, item.at_ms, say)]),
  ];
}

type Say = (text: string, indent?: number) => string[];

const fates: Readonly<Record<Forecast['fate'], string>> = {
  run: 'begins a run',
  ask: 'asks a person',
  join: 'joins the run that is under way',
  held: 'is held',
  escalated: 'hands it to a person',
  ignored: 'ignores it',
  decided: 'is through with it',
  unknown: 'takes it',
};

const goesWithoutSaying: ReadonlySet<string> = new Set(['matched', 'ignored', 'no_match']);

/** What one playbook would do, what is in its way, and until when. */
function forecastLines(forecast: Forecast, { at_ms: nowMs }: ShownExplanation, say: Say) {
  const { playbook, shadow, fate, reason, reason_text, detail, held_by, steps } = forecast;
  const who =
    playbook === null ? 'No playbook' : shadow ? `${playbook}, if it were auto,` : playbook;
  const what = playbook === null ? 'takes it' : fates[fate];
  const again = shadow ? null : forecast.again_at_ms;
  return [
    ...say(
      `${who} ${what}${goesWithoutSaying.has(reason) ? '' : `: ${reason_text} (${reason})`}`,
    ).map(bold),
    ...(detail === '' || isSaidBelow(forecast) ? [] : say(detail, 2)),
    ...steps.flatMap((step, index) => say(stepText(step, index + 1), 2)),
    ...held_by.flatMap((one) => [
      ...say(`✗ ${one.reason}: ${one.detail}`, 2).map(red),
      ...say(untilWhen(one, nowMs), 4),
    ]),
    ...(held_by.length === 0 && (fate === 'run' || fate === 'ask')
      ? say('✓ no guard is in the way', 2).map(green)
      : []),
    ...(again === null ? [] : say(`it is decided again at ${describeTime(again, nowMs)}`, 2)),
  ];
}

function isSaidBelow({ detail, held_by, steps }: Forecast): boolean {
  return [...held_by, ...steps].some((one) => one.detail === detail);
}

/** `1. swarm.scale web: 2 → 3 → 4 replicas`, or the inputs where the target was not read. */
function stepText(
  { action, params, target, unit, from, operations, detail }: Forecast['steps'][number],
  number: number,
) {
  const head = `${number}. ${action}`;
  if (target === null) return `${head} ${JSON.stringify(params)}`;
  const why = detail === '' ? '' : ` (${detail})`;
  const [first] = operations;
  if (first === undefined) {
    const stays = typeof from === 'number' ? `stays at ${from} ${unit}` : 'left as it is';
    return `${head} ${target}: ${stays}${why}`;
  }
  if (first.kind === resize.kind) {
    return `${head} ${target}: ${[from, ...operations.map(({ to }) => to)].join(' → ')} ${unit}${why}`;
  }
  const times = operations.length === 1 ? '' : `, up to ${operations.length} times`;
  return `${head}: ${first.text}${times}${why}`;
}

/** Every playbook that is shown, clause by clause. */
function playbookLines({ playbooks, total }: ShownExplanation, only: string | undefined, say: Say) {
  const matching = playbooks.filter(({ missed }) => missed === 0).length;
  const left = total - playbooks.length;
  const head = `Playbooks: ${matching} of ${total} ${matching === 1 ? 'matches' : 'match'}`;
  const order = matching < playbooks.length ? '; then those that come nearest' : '';
  return [
    ...(only === undefined ? [bold(`${head}${order}`)] : [bold('Clauses')]),
    ...playbooks.flatMap((one) => playbookBlock(one, say)),
    ...(left > 0 && only === undefined ? [`  … and ${left} further away; --all shows them`] : []),
  ];
}

function playbookBlock(compared: Compared, say: Say): string[] {
  const { playbook, file, mode, ignore, clauses, missed } = compared;
  const mark = missed === 0 ? green('✓') : red('✗');
  const kind = [mode, ...(ignore ? ['ignore'] : []), ...(compared.continue ? ['continue'] : [])];
  const [head = '', ...rest] = say(
    `${playbook} (${kind.join(', ')}; ${file}) ${standingOf(compared)}`,
    4,
  );
  const width = Math.min(40, Math.max(0, ...clauses.map(({ clause }) => clause.length)));
  return [
    `  ${mark} ${head.trimStart()}`,
    ...rest,
    ...clauses.flatMap(({ clause, expected, actual, outcome }) => {
      if (outcome === 'unknown') return say(`? ${clause.padEnd(width)}  ${actual}`, 6);
      const [first = '', ...others] = say(
        outcome === 'met'
          ? `${clause.padEnd(width)}  ${actual === 'missing' ? 'no such label' : `it is ${actual}`}`
          : `${clause.padEnd(width)}  expected ${expected}, got ${describeFound(actual)}`,
        8,
      );
      const lines = [`      ${outcome === 'met' ? '✓' : '✗'} ${first.trimStart()}`, ...others];
      return outcome === 'met' ? lines : lines.map(red);
    }),
  ];
}

function standingOf({ standing, after, clauses, missed }: Compared): string {
  switch (standing) {
    case 'takes':
      return 'takes the alert';
    case 'shadow':
      return 'would take it, and is in shadow';
    case 'comes_late':
      return `matches, but ${after} takes it before`;
    case 'misses':
      return `misses ${missed} of ${clauses.length}`;
  }
}

function bold(text: string): string {
  return styleText('bold', text, { stream: process.stdout });
}

function red(text: string): string {
  return styleText('red', text, { stream: process.stdout });
}

function green(text: string): string {
  return styleText('green', text, { stream: process.stdout });
}
