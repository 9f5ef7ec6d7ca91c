import type { ShownExplanation } from '../../api/explain-schema.js';
import { describeLength, describeTime } from '../shown.js';

type Episode = NonNullable<ShownExplanation['episode']>;

const deliveries: Readonly<Record<Episode['delivery'], string>> = {
  opened: 'it has ended; a delivery now would be a new alert',
  repeated: 'a delivery now would be a repeat of it',
  reopened: 'a delivery now would reopen it, with what it has spent',
  overtaken: 'a delivery now would change nothing',
  forgotten: 'it was not heard of for so long that a delivery now would be a new alert',
};

/** What has become of an alert so far: each verdict with its time, its runs, whom it was handed to. */
export function episodeLines(
  episode: Episode,
  nowMs: number,
  say: (text: string, indent?: number) => string[],
): string[] {
  const { id, state, muted, opened_at_ms, closed_at_ms, verdicts, runs, escalations } = episode;
  const times = episode.deliveries === 1 ? 'once' : `${episode.deliveries} times`;
  const closed = closed_at_ms === null ? '' : `, closed ${ago(closed_at_ms, nowMs)}`;
  const silenced = muted ? ['Alertmanager silences or inhibits it'] : [];
  return [
    ...say(`So far: ${state} (alert ${id})`),
    ...say(`opened ${ago(opened_at_ms, nowMs)}, delivered ${times}${closed}`, 2),
    ...[...silenced, deliveries[episode.delivery]].flatMap((line) => say(line, 2)),
    ...verdicts.flatMap((disposition) => say(verdictText(disposition, nowMs), 2)),
    ...runs.flatMap((run) => say(runText(run), 2)),
    ...escalations.flatMap((escalation) => say(escalationText(escalation), 2)),
  ];
}

function verdictText(disposition: Episode['verdicts'][number], nowMs: number): string {
  const { playbook, fate, reason, reason_text, detail, at_ms, until_ms } = disposition;
  const until = until_ms === null ? '' : `, decided again at ${describeTime(until_ms, nowMs)}`;
  const who = playbook === null ? '' : `${playbook}: `;
  return `${ago(at_ms, nowMs)}: ${who}${fate}, ${reason_text} (${reason})${detail && `: ${detail}`}${until}`;
}

function runText({ id, by, state, changes, waiting, outcome }: Episode['runs'][number]): string {
  const made = changes.map(({ text }) => text).join(', ');
  const end = outcome === null ? '' : `, ${outcome.kind}: ${outcome.reason_text}`;
  const waits = waiting === null ? '' : `, waits: ${waiting.detail || waiting.reason_text}`;
  return `run ${id} of ${by}: ${state}${made && `, ${made}`}${waits}${end}`;
}

function escalationText(escalation: Episode['escalations'][number]): string {
  const { id, kind, state, answer, reason_text } = escalation;
  const answered = answer === null ? '' : `: ${answer.label} by ${answer.by}`;
  return `escalation ${id} (${kind}, ${reason_text}): ${state}${answered}`;
}

/** `14:05:10 (3 min ago)`, in the time of this machine. */
function ago(atMs: number, nowMs: number): string {
  const time = new Date(atMs).toTimeString().slice(0, 8);
  return `${time} (${describeLength(nowMs - atMs)} ago)`;
}
