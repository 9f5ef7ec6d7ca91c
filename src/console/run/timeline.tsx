import { describeChange } from '../../integrations/operations.js';
import { reasons } from '../../ledger/reason.js';
import type { Run } from '../../ledger/run.js';
import type { Tone } from '../components/badge.js';
import { At } from '../components/time.js';
import { lengthOf } from '../time-words.js';

/** One thing that happened in a run. */
interface Happened {
  readonly atMs: number;
  readonly tone: Tone;
  readonly text: string;
}

/** What happened in a run, one after another, and what it does now. */
export function Timeline({ run }: { readonly run: Run }) {
  return (
    <ol class="timeline">
      {timelineOf(run).map(({ atMs, tone, text }) => (
        <li class={tone}>
          <At ms={atMs} />
          <div>{text}</div>
        </li>
      ))}
    </ol>
  );
}

/** What happened in a run, as its record says. */
export function timelineOf(run: Run): readonly Happened[] {
  const { origin, manual, attempts, notes, outcome, endedAtMs, createdAtMs } = run;
  const starter = origin.kind === 'playbook' ? origin.playbook : origin.by;
  const began = `Started by ${manual === undefined ? starter : `${manual.by}: ${manual.why}`}`;
  const happened: Happened[] = [{ atMs: createdAtMs, tone: 'calm', text: began }];
  for (const { change, undo, plannedAtMs, appliedAtMs, convergedAtMs, seen } of attempts) {
    const what = `${undo ? 'Undo: ' : ''}${describeChange(change)}`;
    happened.push({ atMs: plannedAtMs, tone: 'busy', text: `Planned: ${what}` });
    if (appliedAtMs !== null) {
      const asked = `Applied: ${what}${convergedAtMs === null && seen ? ` (${seen})` : ''}`;
      happened.push({ atMs: appliedAtMs, tone: 'busy', text: asked });
    }
    if (convergedAtMs !== null) {
      const took = lengthOf(convergedAtMs - (appliedAtMs ?? plannedAtMs));
      const text = `Converged after ${took}: ${what}${seen ? ` (${seen})` : ''}`;
      happened.push({ atMs: convergedAtMs, tone: 'good', text });
    }
  }
  for (const { atMs, text } of notes) happened.push({ atMs, tone: 'warn', text });
  if (endedAtMs !== null && outcome !== null) {
    const { kind, reason, detail } = outcome;
    const tone = kind === 'done' ? 'good' : kind === 'withdrawn' ? 'calm' : 'bad';
    const why = detail === '' ? reasons[reason] : `${reasons[reason]}: ${detail}`;
    happened.push({ atMs: endedAtMs, tone, text: `Ended: ${why}` });
  }
  return happened.toSorted((one, other) => one.atMs - other.atMs);
}
