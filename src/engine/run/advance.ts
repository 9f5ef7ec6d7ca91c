import type { StoredRun } from '../../ledger/record-reads.js';
import { isChanging, locksOf, type Run, type RunState } from '../../ledger/run.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import { messageOf } from '../../lib/errors.js';
import type { EngineContext } from '../context/context.js';
import { postponeUnknownItem } from '../schedule/unknown-item.js';
import { areFree } from '../schedule/waiters.js';
import { admit } from './admitting.js';
import { lookAfterChange } from './applying.js';
import { proceed } from './continuing.js';
import { converge, settle } from './converging.js';
import { endCancelled, endRun } from './end-run.js';
import { plan } from './planning.js';
import { note } from './transitions.js';

/*
 * The run machine, as a whole.
 *
 * A run is one record of the ledger: `state` says what comes next, `dueAtMs` when. A transition reads what it
 * has to know of the target, gets the next record from a pure function (`transitions.ts`), and commits it
 * (`commit-run.ts`). That one transaction compares the revision and the guards, and writes the record, the audit
 * record, locks, escalations, and the place on the schedule. The loser of the comparison gets `null` and reads
 * again. So any worker may look at any run at any time, and several at once.
 *
 *   state              committed by                       what it does, and where that leads
 *   -----------------  ---------------------------------  -----------------------------------------------------
 *   (none)             `decision/start-run.ts`            begins a run: as a question, or with guards and locks;
 *                                                         where the plan is certain, with its first intention
 *                                                         (`beginning.ts`)
 *   awaiting_approval  `people/consequence.ts`: a click   yes ▶ admitting, no ▶ ended
 *                      `people/expiry.ts`                 no one answered ▶ ended
 *                      this file                          all alerts resolved ▶ ended
 *   admitting          `admitting.ts`                     takes guards and locks ▶ planning; a guard holds it ▶
 *                                                         admitting, later; the answer is too old ▶ ended
 *   planning           `planning.ts`, `undoing.ts`        reads the target and works out the state wanted ▶
 *                                                         applying; more than was approved ▶ awaiting_approval
 *                                                         (`asking.ts`); busy ▶ planning, later; nothing to
 *                                                         do ▶ next step or ended
 *   applying           `applying.ts`                      the intention is recorded, with a lease; sends the
 *                                                         change once ▶ converging; refused ▶ planning, later,
 *                                                         or gives up
 *   converging         `converging.ts`                    waits until the target is as wanted ▶ settling, or
 *                                                         continuing within a sequence; never ▶ next step
 *   continuing         `continuing.ts`                    the next change of a sequence ▶ applying; complete ▶
 *                                                         settling
 *   settling           `converging.ts`                    all alerts resolved ▶ ended; time is up ▶ planning (next
 *                                                         attempt or step), else gives up
 *   ended              `end-run.ts`                       for good: locks are free, waiters woken, people told
 *
 * Giving up (`giveUp`, `giveUpChange`) puts back what steps with `undo: true` changed, by the same states, and then
 * ends the run. `hold-run.ts` and `patience.ts` keep a run where it is until later.
 *
 * A person may cancel a run in any state (`people/cancel.ts`). That is recorded in the run itself, so a transition
 * that was worked out before loses the comparison. A change under way (applying, converging) is watched to its end;
 * every other state ends the run, and it never plans again.
 *
 * What a crash leaves, and who takes it up:
 *
 * - Before a commit: the state before, still due. The sweep wakes it, and the same transition is tried again.
 * - After a commit: the new state, on the schedule since that commit. The sweep wakes it.
 * - Between the intention and the answer of the target: `applying`. No one touches the run until the lease ends.
 *   Then `lookAfterChange` reads the target and sends nothing: as wanted ▶ converging; as before ▶ planning;
 *   anything else, or no way to look ▶ a person is told.
 */

/** The most transitions in one go, so that a run that never rests cannot keep a worker to itself. */
const maxTransitions = 20;

/**
 * Moves a run on for as long as something is due, one committed transition at a time. It may be
 * called at any time, by any worker, for any run; where nothing is due it changes nothing.
 *
 * @throws what Redis throws; the run then stands where its last commit left it.
 */
export async function advance(context: EngineContext, runId: string): Promise<void> {
  let stored = await context.ledger.run(runId);
  for (let count = 0; count < maxTransitions; count += 1) {
    if (stored === null || stored.value.state === 'ended') return;
    if (!isDue(stored, context.clock.now()) && !(await isFreed(context, stored.value))) break;
    const moved = await transition(context, stored);
    if (moved === 'unknown') return postponeUnknownItem(context, scheduleItem('run', runId));
    const { rev }: StoredRun = stored;
    stored = await context.ledger.run(runId);
    if (moved === null && stored?.rev === rev) break;
  }
  const dueAtMs = stored?.value.dueAtMs ?? null;
  if (dueAtMs !== null) await context.wake(scheduleItem('run', runId), dueAtMs);
}

/** States whose work is brought to its end whatever becomes of the alerts. */
const isUnderWay: ReadonlySet<RunState> = new Set(['applying', 'converging', 'continuing']);

/** Whether the run can move now: its time has come, or its alerts have resolved while it rests. */
function isDue({ value, openEpisodes }: StoredRun, nowMs: number): boolean {
  if (value.dueAtMs !== null && value.dueAtMs <= nowMs) return true;
  if (isCancelled(value)) return true;
  return openEpisodes === 0 && !isUnderWay.has(value.state);
}

/** Whether a person cancelled it and nothing of it is under way. */
function isCancelled(run: Run): boolean {
  return run.cancelled !== undefined && !isChanging(run);
}

/** Whether the target is free for which an approved run waits. */
async function isFreed(context: EngineContext, run: Run): Promise<boolean> {
  if (run.state !== 'admitting' || run.waiting?.reason !== 'target_busy') return false;
  return areFree(context, locksOf(run), scheduleItem('run', run.id));
}

/** Ends a run that the engine cannot move on because of a fault of its own, and tells a person. */
export async function failRun(
  context: EngineContext,
  runId: string,
  error: unknown,
): Promise<void> {
  const stored = await context.ledger.run(runId);
  if (stored === null || stored.value.state === 'ended') return;
  const detail = messageOf(error);
  await endRun(context, stored, note(stored.value, detail, context.clock.now()), {
    kind: stored.value.state === 'applying' ? 'unknown' : 'failed',
    reason: 'internal_error',
    detail,
  });
}

/** `unknown`: a newer version of the engine has brought the run where this one cannot move it on. */
async function transition(
  context: EngineContext,
  stored: StoredRun,
): Promise<StoredRun | null | 'unknown'> {
  if (isCancelled(stored.value)) return endCancelled(context, stored);
  switch (stored.value.state) {
    case 'awaiting_approval':
      return stored.openEpisodes === 0 ? withdraw(context, stored) : null;
    case 'admitting':
      if (stored.openEpisodes === 0) return withdraw(context, stored);
      return isTooOld(context, stored.value) ? forget(context, stored) : admit(context, stored);
    case 'planning':
      return plan(context, stored);
    case 'applying':
      return lookAfterChange(context, stored);
    case 'converging':
      return converge(context, stored);
    case 'continuing':
      return proceed(context, stored);
    case 'settling':
      return settle(context, stored);
    case 'ended':
      return null;
    default:
      return 'unknown';
  }
}

/** No one is asked, and nothing is done, about alerts that have resolved by themselves. */
function withdraw(context: EngineContext, stored: StoredRun): Promise<StoredRun | null> {
  const outcome = { kind: 'withdrawn', reason: 'resolved', detail: '' } as const;
  return endRun(context, stored, stored.value, outcome);
}

/** Whether the answer that let the run go on is not good any more. */
function isTooOld({ clock }: EngineContext, { answerUntilMs }: Run): boolean {
  return answerUntilMs !== null && answerUntilMs <= clock.now();
}

/** A yes is for the state of things in which it was said: after that a person is told instead. */
function forget(context: EngineContext, stored: StoredRun): Promise<StoredRun | null> {
  const { waiting } = stored.value;
  const held = waiting === null ? '' : `; it was deferred by ${waiting.reason}: ${waiting.detail}`;
  const detail = `the answer is older than approval_expires${held}`;
  return endRun(context, stored, stored.value, { kind: 'failed', reason: 'expired', detail });
}
