import { messageOf } from '../../errors.js';
import type { StoredRun } from '../../ledger/reads.js';
import { type Run, type RunState, targetsOf } from '../../ledger/run.js';
import { note } from '../../ledger/run-transitions.js';
import { leaveToNewer } from '../newer.js';
import type { EngineParts } from '../parts.js';
import { areFree } from '../waiters.js';
import { admit } from './admitting.js';
import { lookAfterChange } from './applying.js';
import { proceed } from './continuing.js';
import { converge, settle } from './converging.js';
import { endRun } from './end-run.js';
import { plan } from './planning.js';

/** The most transitions in one go, so that a run that never rests cannot keep a worker to itself. */
const mostTransitions = 20;

/**
 * Moves a run on for as long as something is due, one committed transition at a time. It may be
 * called at any time, by any worker, for any run; where nothing is due it changes nothing.
 *
 * @throws what Redis throws; the run then stands where its last commit left it.
 */
export async function advance(parts: EngineParts, runId: string): Promise<void> {
  let stored = await parts.ledger.run(runId);
  for (let count = 0; count < mostTransitions; count += 1) {
    if (stored === null || stored.value.state === 'ended') return;
    if (!isDue(stored, parts.clock.now()) && !(await isFreed(parts, stored.value))) break;
    const moved = await transition(parts, stored);
    if (moved === 'unknown') return leaveToNewer(parts, `run:${runId}`);
    const { rev }: StoredRun = stored;
    stored = await parts.ledger.run(runId);
    if (moved === null && stored?.rev === rev) break;
  }
  const dueAtMs = stored?.value.dueAtMs ?? null;
  if (dueAtMs !== null) await parts.wake(`run:${runId}`, dueAtMs);
}

/** States whose work is brought to its end whatever becomes of the alerts. */
const isUnderWay: ReadonlySet<RunState> = new Set(['applying', 'converging', 'continuing']);

/** Whether the run can move now: its time has come, or its alerts have resolved while it rests. */
function isDue({ value, openEpisodes }: StoredRun, nowMs: number): boolean {
  if (value.dueAtMs !== null && value.dueAtMs <= nowMs) return true;
  return openEpisodes === 0 && !isUnderWay.has(value.state);
}

/** Whether the target is free for which an approved run waits. */
async function isFreed(parts: EngineParts, run: Run): Promise<boolean> {
  if (run.state !== 'admitting' || run.waiting?.reason !== 'target_busy') return false;
  return areFree(parts, targetsOf(run), `run:${run.id}`);
}

/** Ends a run that the engine cannot move on because of a fault of its own, and tells a person. */
export async function failRun(parts: EngineParts, runId: string, error: unknown): Promise<void> {
  const stored = await parts.ledger.run(runId);
  if (stored === null || stored.value.state === 'ended') return;
  const detail = messageOf(error);
  await endRun(parts, stored, note(stored.value, detail, parts.clock.now()), {
    kind: stored.value.state === 'applying' ? 'unknown' : 'failed',
    reason: 'internal_error',
    detail,
  });
}

/** `unknown`: a newer version of the engine has brought the run where this one cannot move it on. */
async function transition(
  parts: EngineParts,
  stored: StoredRun,
): Promise<StoredRun | null | 'unknown'> {
  switch (stored.value.state) {
    case 'awaiting_approval':
      return stored.openEpisodes === 0 ? withdraw(parts, stored) : null;
    case 'admitting':
      if (stored.openEpisodes === 0) return withdraw(parts, stored);
      return isTooOld(parts, stored.value) ? forget(parts, stored) : admit(parts, stored);
    case 'planning':
      return plan(parts, stored);
    case 'applying':
      return lookAfterChange(parts, stored);
    case 'converging':
      return converge(parts, stored);
    case 'continuing':
      return proceed(parts, stored);
    case 'settling':
      return settle(parts, stored);
    case 'ended':
      return null;
    default:
      return 'unknown';
  }
}

/** Nobody is asked, and nothing is done, about alerts that have resolved by themselves. */
function withdraw(parts: EngineParts, stored: StoredRun): Promise<StoredRun | null> {
  const outcome = { kind: 'withdrawn', reason: 'resolved', detail: '' } as const;
  return endRun(parts, stored, stored.value, outcome);
}

/** Whether the answer that let the run go on is not good any more. */
function isTooOld({ clock }: EngineParts, { answerUntilMs }: Run): boolean {
  return answerUntilMs !== null && answerUntilMs <= clock.now();
}

/** A yes is for the state of things in which it was said: after that a person is told instead. */
function forget(parts: EngineParts, stored: StoredRun): Promise<StoredRun | null> {
  const { waiting } = stored.value;
  const held = waiting === null ? '' : `; it was held by ${waiting.reason}: ${waiting.detail}`;
  const detail = `the answer is too old to act on (approval_expires)${held}`;
  return endRun(parts, stored, stored.value, { kind: 'failed', reason: 'expired', detail });
}
