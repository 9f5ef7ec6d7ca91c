import { draftApproval } from '../../escalation/draft.js';
import type { Guard, Hold } from '../../guard/guard.js';
import { holdOf } from '../../guard/guards.js';
import type { Episode } from '../../ledger/episode.js';
import type { Stored } from '../../ledger/record-reads.js';
import { targetsOf } from '../../ledger/run.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Refusal, Transaction, TransactionResult } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { logEscalation } from '../context/log-escalation.js';
import { beginningOf, beginRun } from '../run/beginning.js';
import { firstDirection, newRun, type Wanted } from '../run/new-run.js';
import { guardsOf } from '../run/run-guards.js';
import { type Admission, joinedEpisode, runDisposition } from './admission.js';
import { scheduleWrite } from './record.js';

/**
 * Starts a run for an episode: guards, locks, the run, the episode's disposition and the audit record are one
 * atomic step, and the intention to make its first change, where that is known, goes with them.
 *
 * @param options.hash what the run and other episodes have in common: `joinHash`
 * @param options.changedMs when its target was changed last; `null`: not for as long as anybody asks
 */
export async function startRun(
  context: EngineContext,
  stored: Stored<Episode>,
  wanted: Wanted,
  { hash, changedMs }: { readonly hash: string; readonly changedMs: number | null },
): Promise<Admission> {
  const { ledger, clock } = context;
  const { policy } = context.active();
  const nowMs = clock.now();
  const { playbook, ask } = wanted;
  const created = newRun(context, stored.value, wanted, nowMs);
  const question =
    ask === null
      ? null
      : draftApproval(ask, created, wanted.shown ?? [], stored.value, {
          id: ledger.newId(),
          channel: created.channel,
          expiresAtMs: nowMs + policy.approvalExpiresMs,
          nowMs,
        });
  const asked = { ...created, escalationId: question?.id ?? null };
  const guards = ask === null ? guardsOf(context, asked, firstDirection(wanted), nowMs) : [];
  const beginning = beginningOf(context, asked, wanted, changedMs, nowMs);
  const run = beginning?.intention.run ?? asked;
  const disposition = runDisposition(playbook, run.id, ask, nowMs);
  const joined = joinedEpisode(stored.value, playbook, run.caseId, disposition);
  const saves = [ledger.saveEpisode(stored, joined), ledger.saveRun(null, run)];
  if (question !== null) saves.push(ledger.saveEscalation(null, question, nowMs));
  const committing = commitAdmission(context, run.id, {
    checks: [
      ...saves.map((save) => save.check),
      { kind: 'absent', key: ledger.keys.join(hash) },
      ...(wanted.shown === null
        ? [{ kind: 'no_field' as const, key: ledger.keys.breakers, field: playbook.name }]
        : []),
    ],
    claims: guards.map((guard) => guard.claim),
    writes: [
      ...saves.flatMap((save) => save.writes),
      scheduleWrite(context, joined),
      ...ledger.joinCase(run.caseId, joined.identity),
      ...ledger.auditRun({
        atMs: nowMs,
        id: run.id,
        event: ask === null ? 'admitted' : 'asked',
        reason: disposition.reason,
        detail: `${playbook.name} for ${stored.value.id}`,
        alert: stored.value.id,
        playbook: playbook.name,
      }),
      ...(beginning?.writes ?? []),
    ],
    nowMs,
  });
  committing.catch(() => beginning?.place.leave());
  const result = await committing;
  if (result.kind !== 'committed') beginning?.place.leave();
  if (result.kind === 'conflict') return result;
  if (result.kind === 'refused') return heldBy(context, guards, result.refusals, nowMs);
  context.metrics.decisions.inc({ fate: disposition.fate, reason: disposition.reason });
  const about = {
    run: run.id,
    playbook: playbook.name,
    targets: targetsOf(run).map(({ name }) => name),
  };
  context.log.info(about, ask ? 'approval requested' : 'run started');
  if (question !== null) logEscalation(context.log, question);
  if (beginning !== null) beginning.place.take(() => beginRun(context, run));
  else
    await context.wake(
      question === null ? scheduleItem('run', run.id) : scheduleItem('message', question.id),
      nowMs,
    );
  return { kind: 'recorded', episode: joined, disposition, run };
}

/**
 * Commits an admission. After a lost connection it is sent again, and may meet what it wrote itself the
 * first time: no other worker has the id of its run.
 */
async function commitAdmission(
  { ledger }: EngineContext,
  runId: string,
  transaction: Transaction,
): Promise<TransactionResult> {
  const result = await ledger.commit(transaction);
  if (result.kind !== 'conflict') return result;
  return (await ledger.run(runId)) === null ? result : { kind: 'committed' };
}

/** What a refusal comes to; a blast radius that trips with it is told at once. */
async function heldBy(
  context: EngineContext,
  guards: readonly Guard[],
  refusals: readonly Refusal[],
  nowMs: number,
): Promise<{ readonly kind: 'held'; readonly hold: Hold }> {
  const hold = holdOf(guards, refusals);
  const trips = refusals.some(({ claim }) => guards[claim]?.claim.kind === 'radius');
  if (trips && hold.escalationId !== undefined) {
    await context.wake(scheduleItem('message', hold.escalationId), nowMs);
  }
  return { kind: 'held', hold };
}
