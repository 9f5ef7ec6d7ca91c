import type { ShownExplanation } from '../../api/explain-schema.js';
import { describeMissed, describeNearMiss } from '../../playbook/near-miss.js';
import { describeTime } from '../shown.js';

/** What would come of the alert by one playbook. */
export type Forecast = ShownExplanation['forecasts'][number];
/** A playbook held against the alert. */
export type Compared = ShownExplanation['playbooks'][number];
type Run = NonNullable<ShownExplanation['episode']>['runs'][number];

/**
 * The answer to “would it act now, and why not?” in a sentence or two.
 *
 * @param playbook the only one that was asked about; left out, all
 */
export function answerOf(explanation: ShownExplanation, playbook?: string): string {
  const { own, status, forecasts, playbooks } = explanation;
  const before = [
    ...(status === 'resolved' ? ['It is resolved, so nothing would be done. If it fired:'] : []),
    ...(own?.fate === 'held' ? [`Nothing would be done now: ${own.reason_text}. After that:`] : []),
  ];
  if (own?.fate === 'ignored')
    return [...before, `Nothing would be done: ${own.detail}.`].join(' ');
  const asked = forecasts.filter((one) => playbook === undefined || one.playbook === playbook);
  const inEarnest = asked.filter(({ shadow }) => !shadow);
  const shadows = asked.filter(({ shadow }) => shadow);
  const sentences = [
    ...inEarnest.map((one) => sentenceOf(one, explanation)),
    ...shadows.map((one) => {
      const [first = '', ...rest] = sentenceOf(one, explanation);
      return `${one.playbook} is in shadow. If it were auto, ${first.toLowerCase()}${rest.join('')}`;
    }),
  ];
  if (sentences.length === 0) sentences.push(notTaken(playbooks[0]));
  return [...before, ...sentences].join(' ');
}

function sentenceOf(
  forecast: Forecast,
  { playbooks, episode, at_ms: nowMs }: ShownExplanation,
): string {
  const { playbook, shadow, fate, reason, reason_text, detail, run_id } = forecast;
  switch (fate) {
    case 'run':
      return wouldRun(forecast, nowMs);
    case 'ask': {
      const reasons: Partial<Record<string, string>> = {
        breaker: 'its breaker is open',
        before_ledger: 'the alert began before the ledger did',
      };
      const why = reasons[reason] ?? `${playbook} is in mode approve`;
      const waits =
        forecast.held_by.length === 0 ? '' : ` Even then: ${obstacle(forecast, nowMs)}.`;
      const change = firstChange(forecast) ?? 'begin a run';
      return `A person would be asked whether to ${change}: ${why}.${waits}`;
    }
    case 'join':
      return `It would join run ${run_id} of ${playbook}, which is under way.`;
    case 'held':
      return `Nothing would be done now: ${obstacle(forecast, nowMs)}.`;
    case 'ignored':
      return `Nothing would be done: ${playbook} ignores this alert.`;
    case 'unknown':
      return `${playbook} ${shadow ? 'would take it' : 'takes it'}; whether it would act now is not known, as no engine was asked.`;
    case 'decided': {
      if (run_id !== null) {
        const run = episode?.runs.find(({ id }) => id === run_id);
        return `Nothing new would be done: ${playbook} has its run ${run_id} for this alert (${runState(run)}).`;
      }
      const who = playbook === null ? 'it is decided' : `${playbook} has had its say on this alert`;
      return `Nothing new would be done: ${who} (${reason_text}).`;
    }
    case 'escalated':
      // what to do about it stands below
      if (playbook !== null) return `A person would be asked what to do: ${detail.split(';')[0]}.`;
      return reason === 'no_match'
        ? `${describeNearMiss(playbooks)} A person would be asked.`
        : `No playbook takes it, a person would be asked: ${detail}.`;
  }
}

function runState(run: Run | undefined): string {
  if (run === undefined) return 'long ago';
  const { state, outcome, waiting } = run;
  if (outcome !== null) return `${outcome.kind}: ${outcome.reason_text}`;
  return waiting === null ? state : `${state}, waits: ${waiting.reason_text}`;
}

function wouldRun(forecast: Forecast, nowMs: number): string {
  const { playbook, detail, again_at_ms, steps } = forecast;
  const change = firstChange(forecast);
  const when = again_at_ms === null ? 'now' : `at ${describeTime(again_at_ms, nowMs)}`;
  if (change !== null) return `It would ${change} ${when}.`;
  const why = detail || steps.map((step) => step.detail).join('; ');
  return `A run of ${playbook} would begin ${when} and change nothing yet: ${why}.`;
}

/** `scale web from 2 to 3 replicas`, `restart web`: what the first step that does anything would do first. */
function firstChange({ steps }: Forecast): string | null {
  return steps.flatMap(({ operations }) => operations)[0]?.text ?? null;
}

const obstacles: Readonly<Record<string, string>> = {
  limit: 'a limit on runs is reached',
  window: 'a window is open',
  paused: 'a person paused it',
  blast_radius: 'the blast radius is exceeded',
};

/** What holds it, until when, and how many other things do. */
function obstacle(
  { held_by, reason, detail, again_at_ms, shadow, steps }: Forecast,
  nowMs: number,
): string {
  const main = worst(held_by);
  const why = main?.reason ?? reason;
  const targets = [...new Set(steps.map(({ target }) => target))].join(', ');
  const what = why === 'cooldown' ? `cooldown on ${targets}` : obstacles[why];
  const until =
    main !== undefined
      ? ` ${untilWhen(main, nowMs)}`
      : again_at_ms === null || shadow
        ? ''
        : ` (next decision at ${describeTime(again_at_ms, nowMs)})`;
  const others = held_by.length - 1;
  const more = others > 0 ? `, and ${others} more guards` : '';
  return `${what ?? main?.detail ?? detail}${until}${more}`;
}

/** What a person has to lift comes before what lifts by itself, and that before a run that will end. */
function worst(heldBy: Forecast['held_by']): Forecast['held_by'][number] | undefined {
  const rank = ({ reason, lifts_at_ms }: Forecast['held_by'][number]) =>
    lifts_at_ms ?? (reason === 'paused' || reason === 'blast_radius' ? Number.MAX_VALUE : 0);
  return heldBy.toSorted((a, b) => rank(b) - rank(a))[0];
}

const endings: Readonly<Record<string, string>> = {
  target_busy: 'until that run ends',
  paused: 'until it is lifted',
  blast_radius: 'until a person resets it',
};

/** `until 14:05:10 (in 4 min)`, or what has to happen. */
export function untilWhen(
  { reason, lifts_at_ms }: Pick<Forecast['held_by'][number], 'reason' | 'lifts_at_ms'>,
  nowMs: number,
): string {
  if (lifts_at_ms !== null) return `until ${describeTime(lifts_at_ms, nowMs)}`;
  return endings[reason] ?? 'while this lasts';
}

/** Why the one playbook that was asked about does not take the alert. */
function notTaken(compared: Compared | undefined): string {
  if (compared === undefined) return 'No playbooks.';
  const { playbook, standing, after } = compared;
  if (standing === 'comes_late') {
    return `${playbook} matches, but ${after} comes first and does not continue.`;
  }
  return `${playbook} does not match: it ${describeMissed(compared)}.`;
}
