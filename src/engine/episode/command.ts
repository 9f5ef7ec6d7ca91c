import { isCommand } from '../../alertmanager/source.js';
import type { Episode } from '../../ledger/episode.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Stored } from '../../ledger/record-reads.js';
import type { Run } from '../../ledger/run.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { closeEpisode } from './close-episode.js';

/*
 * A command is over when the requested action is done. One that waits for a guard, for a run or for a
 * person stays open meanwhile, and the same call again joins it.
 */

/** The write that has the commands of a case looked at when its run has ended well. */
export function commandWrites({ ledger }: EngineContext, run: Run, nowMs: number): Write[] {
  if (run.verifiable || run.outcome?.kind !== 'done') return [];
  return [['ZADD', ledger.keys.schedule, nowMs, scheduleItem('case', run.caseId)]];
}

/**
 * Closes the commands of a case whose run has done what they asked for, save those for which something
 * else is still under way; `false`: there are none.
 */
export async function closeCommands(
  context: EngineContext,
  caseId: string,
  runId: string,
): Promise<boolean> {
  const { ledger, clock } = context;
  const run = await ledger.run(runId);
  if (run === null || run.value.verifiable || run.value.state !== 'ended') return false;
  if (run.value.outcome?.kind !== 'done') return false;
  const identities = await ledger.redis.smembers(ledger.keys.caseOpen(caseId));
  let found = false;
  for (const stored of await ledger.episodes(identities)) {
    if (stored === null || !isOpenIn(caseId, stored.value)) continue;
    if (await isUnderWay(context, stored.value, caseId)) continue;
    await closeCommand(context, stored, clock.now());
    found = true;
  }
  return found;
}

/** Whether a command is open, and part of the case: the same call may have begun again meanwhile. */
function isOpenIn(caseId: string, { source, state, cases }: Episode): boolean {
  return isCommand(source) && state === 'open' && cases.includes(caseId);
}

/** Closes it for good: a call that was received before now does not open it again. */
async function closeCommand(
  context: EngineContext,
  stored: Stored<Episode>,
  nowMs: number,
): Promise<boolean> {
  const { members, ended } = stored.value;
  const now = Object.keys(members).map((member) => [
    member,
    { endsAtMs: nowMs, receivedAtMs: nowMs },
  ]);
  const value = { ...stored.value, ended: { ...ended, ...Object.fromEntries(now) } };
  const detail = 'the requested action is done';
  return closeEpisode(
    context,
    { ...stored, value },
    { reason: 'unverified', detail, nowMs, endsAtMs: nowMs },
  );
}

/** Whether a command still waits for a guard, for a run or for a person. */
export async function isPending(context: EngineContext, episode: Episode): Promise<boolean> {
  if (!isCommand(episode.source)) return false;
  return isHeld(episode) || (await hasOpenCase(context, episode.cases, () => true));
}

/** Whether another playbook is still at work on a command, is to have its say, or has failed it. */
async function isUnderWay(
  context: EngineContext,
  episode: Episode,
  caseId: string,
): Promise<boolean> {
  if (episode.moreToDecide === true || isHeld(episode)) return true;
  const others = episode.cases.filter((id) => id !== caseId);
  // what was held for too long is held no longer
  return hasOpenCase(context, others, ({ reason }) => reason !== 'held_too_long');
}

function isHeld({ verdicts }: Episode): boolean {
  return verdicts.some(({ fate }) => fate === 'held');
}

/** Whether one of these cases has a run that goes on, or a question that is open and counts. */
async function hasOpenCase(
  { ledger }: EngineContext,
  cases: readonly string[],
  counts: (escalation: Escalation) => boolean,
): Promise<boolean> {
  for (const id of cases) {
    const { runId, escalationId } = await ledger.caseInfo(id);
    const run = runId === null ? null : await ledger.run(runId);
    if (run !== null && run.value.state !== 'ended') return true;
    const escalation = escalationId === null ? null : await ledger.escalation(escalationId);
    if (escalation?.value.state === 'open' && counts(escalation.value)) return true;
  }
  return false;
}
