import type { Operation, Target } from '../integrations/contract/change.js';
import type { EvidenceSource, TargetEvent } from '../integrations/contract/evidence.js';
import { describeChange } from '../integrations/operations.js';
import type { ChangesEvidence, Part, TimelineItem } from '../ledger/evidence.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Run } from '../ledger/run.js';
import type { createTargetHistory } from '../ledger/target-history.js';
import { lengthInWords } from '../lib/time.js';
import { describeEvent } from './describe-event.js';

/** How long before the alert changes are shown. */
const beforeMs = 2 * 3_600_000;
const maxItems = 40;
const maxRuns = 20;
/** What the system shows this soon after a change of ours is that change. */
const oursWithinMs = 60_000;

/** A target with the integration that it belongs to. */
export interface TargetOfSource {
  readonly source: EvidenceSource;
  readonly target: Target;
}

/** Reads what happened to the targets of an alert, from two hours before it until now. */
export async function readChanges(
  { ledger, history }: { ledger: Ledger; history: ReturnType<typeof createTargetHistory> },
  targets: readonly TargetOfSource[],
  alertAtMs: number,
  nowMs: number,
): Promise<Part<ChangesEvidence>> {
  if (targets.length === 0) return { missing: 'The alert names no service and no group.' };
  const fromMs = alertAtMs - beforeMs;
  const range = { fromMs, toMs: nowMs };
  const runs = await runsOn(ledger, targets, fromMs);
  const items: TimelineItem[] = runs.flatMap(ownChanges);
  const notes: string[] = [];
  for (const source of new Set(targets.map((one) => one.source))) {
    const ids = targets.filter((one) => one.source === source).map(({ target }) => target.id);
    const seen = await history.between(source.system, [...ids, ...source.scopes], range);
    items.push(...seen.events.filter((event) => !isOurs(event, runs)).map(itemOf));
    if (seen.seenSinceMs === null || seen.seenSinceMs > fromMs) {
      const since =
        seen.seenSinceMs === null
          ? 'does not watch them'
          : `watches them only for ${lengthInWords(Math.max(nowMs - seen.seenSinceMs, 1_000))}`;
      notes.push(`Changes by others may be missing: Jidoka ${since}.`);
    }
  }
  items.sort((a, b) => b.atMs - a.atMs);
  return {
    fromMs,
    items: items.slice(0, maxItems),
    ...(notes.length > 0 && { note: [...new Set(notes)].join(' ') }),
  };
}

async function runsOn(
  ledger: Ledger,
  targets: readonly TargetOfSource[],
  fromMs: number,
): Promise<readonly Run[]> {
  const ids = new Set<string>();
  for (const { target } of targets) {
    const key = ledger.keys.runsOn(target.id);
    for (const id of await ledger.redis.zrevrange(key, 0, maxRuns - 1)) ids.add(id);
  }
  const runs = [...(await ledger.runs([...ids])).values()];
  return runs.filter(({ endedAtMs }) => endedAtMs === null || endedAtMs >= fromMs);
}

function ownChanges(run: Run): readonly TimelineItem[] {
  const by = run.origin.kind === 'playbook' ? `playbook ${run.origin.playbook}` : run.origin.by;
  return run.attempts.flatMap(({ change, appliedAtMs, undo }) => {
    if (appliedAtMs === null) return [];
    const text = `${by}: ${undo ? 'undo: ' : ''}${describeChange(change)}`;
    return [{ atMs: appliedAtMs, kind: 'run', text, runId: run.id }];
  });
}

/** Whether an event is what a run of ours did. */
function isOurs(event: TargetEvent, runs: readonly Run[]): boolean {
  return runs.some(({ attempts }) =>
    attempts.some(
      ({ change, appliedAtMs }) =>
        appliedAtMs !== null &&
        change.target.id === event.scope &&
        Math.abs(event.atMs - appliedAtMs) <= oursWithinMs &&
        isDoneBy(event, change.op),
    ),
  );
}

function isDoneBy({ kind, to }: TargetEvent, op: Operation): boolean {
  if (kind === 'scaled') return String(op.to) === to;
  if (kind === 'restarted') return op.kind === 'restart';
  if (kind === 'deployed' && op.kind === 'restore_image') return true;
  return (kind === 'deployed' || kind === 'rolled_back') && op.kind === 'rollback';
}

function itemOf(event: TargetEvent): TimelineItem {
  return { atMs: event.atMs, kind: event.kind, text: describeEvent(event) };
}
