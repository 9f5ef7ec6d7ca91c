import type { ChangesEvidence, Evidence, Part, TimelineItem } from '../ledger/evidence.js';
import { isThere } from '../ledger/evidence.js';
import { lengthInWords } from '../lib/time.js';

/** What stands out most, first. What Jidoka itself did is no cause that a person has to be told. */
const ranks: readonly (readonly string[])[] = [
  ['deployed', 'rolled_back'],
  ['rollout_paused'],
  ['node_down', 'node_left'],
  ['scaled', 'removed', 'updated', 'restarted', 'node_availability'],
];
const words: Readonly<Record<string, string>> = { deployed: 'Deployed' };

/** How close to the alert a failure counts as part of it. */
const minuteMs = 60_000;

/**
 * Says the one thing that a person should see first: the last change before the alert, else one since, else
 * tasks that fail. `null`: nothing stands out.
 */
export function headlineOf(
  {
    changes,
    tasks,
  }: { readonly changes: Part<ChangesEvidence>; readonly tasks: Evidence['tasks'] },
  alertAtMs: number,
): string | null {
  return (isThere(changes) ? ofChanges(changes.items, alertAtMs) : null) ?? ofTasks(tasks);
}

function ofChanges(items: readonly TimelineItem[], alertAtMs: number): string | null {
  for (const kinds of ranks) {
    const fitting = items.filter(({ kind }) => kinds.includes(kind));
    const item = fitting.find(({ atMs }) => atMs <= alertAtMs) ?? fitting.at(-1);
    if (item === undefined) continue;
    const when = whenOf(item.atMs, alertAtMs);
    const word = words[item.kind];
    if (word === undefined) return `${item.text}, ${when}`;
    // the name is that of the service that the page is about
    const what = item.text.slice(item.text.indexOf(': ') + 2);
    return `${word} ${when}: ${what}`;
  }
  return null;
}

function ofTasks(tasks: Evidence['tasks']): string | null {
  if (!isThere(tasks)) return null;
  const failing = tasks.services.find(({ failures }) => failures.length > 0);
  const [last] = failing?.failures ?? [];
  if (failing === undefined || last === undefined) return null;
  const code = last.exitCode === null ? '' : `exit code ${last.exitCode}`;
  const why = [code, last.error].filter((text) => text !== '').join(': ');
  const count = failing.failed === 1 ? '1 task' : `${failing.failed} tasks`;
  return `${count} of ${failing.name} failed${why && `, last with ${why}`}`;
}

/** `12 minutes before the alert`. */
function whenOf(atMs: number, alertAtMs: number): string {
  const apartMs = Math.abs(alertAtMs - atMs);
  if (apartMs < minuteMs)
    return atMs <= alertAtMs ? 'just before the alert' : 'just after the alert';
  const minutes = Math.round(apartMs / minuteMs);
  const length =
    minutes === 1 ? '1 minute' : minutes < 60 ? `${minutes} minutes` : lengthInWords(apartMs);
  return `${length} ${atMs <= alertAtMs ? 'before' : 'after'} the alert`;
}
