import { draftApproval } from '../escalation/draft.js';
import type { Guard, Hold } from '../guard/guard.js';
import { holdOf } from '../guard/guards.js';
import type { Episode } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { targetsOf } from '../ledger/run.js';
import type { Refusal, Transaction, TransactionResult } from '../ledger/transaction.js';
import { type Admission, joinedEpisode, runVerdict } from './admission.js';
import { logEscalation } from './journal.js';
import { firstDirection, newRun, type Wanted } from './new-run.js';
import type { EngineParts } from './parts.js';
import { agendaWrite } from './record.js';
import { beginningOf, beginRun } from './run/beginning.js';
import { guardsOf } from './run-guards.js';

/**
 * Starts a run for an episode: guards, locks, the run, the episode's verdict and the audit record are one
 * atomic step, and the intention to make its first change, where that is known, goes with them.
 *
 * @param options.hash what the run and other episodes have in common: `joinHash`
 * @param options.changedMs when its target was changed last; `null`: not for as long as anybody asks
 */
export async function startRun(
  parts: EngineParts,
  stored: Stored<Episode>,
  wanted: Wanted,
  { hash, changedMs }: { readonly hash: string; readonly changedMs: number | null },
): Promise<Admission> {
  const { ledger, clock } = parts;
  const { policy } = parts.active();
  const nowMs = clock.now();
  const { playbook, ask } = wanted;
  const created = newRun(parts, stored.value, wanted, nowMs);
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
  const guards = ask === null ? guardsOf(parts, asked, firstDirection(wanted), nowMs) : [];
  const beginning = beginningOf(parts, asked, wanted, changedMs, nowMs);
  const run = beginning?.intention.run ?? asked;
  const verdict = runVerdict(playbook, run.id, ask, nowMs);
  const joined = joinedEpisode(stored.value, playbook, run.caseId, verdict);
  const saves = [ledger.saveEpisode(stored, joined), ledger.saveRun(null, run)];
  if (question !== null) saves.push(ledger.saveEscalation(null, question, nowMs));
  const committing = commitAdmission(parts, run.id, {
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
      agendaWrite(parts, joined),
      ...ledger.joinCase(run.caseId, joined.identity),
      ...ledger.auditRun({
        atMs: nowMs,
        id: run.id,
        event: ask === null ? 'admitted' : 'asked',
        reason: verdict.reason,
        detail: `${playbook.name} for ${stored.value.id}`,
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
  if (result.kind === 'refused') return heldBy(parts, guards, result.refusals, nowMs);
  parts.metrics.decisions.inc({ fate: verdict.fate, reason: verdict.reason });
  const about = {
    run: run.id,
    playbook: playbook.name,
    targets: targetsOf(run).map(({ name }) => name),
  };
  parts.log.info(about, ask ? 'a run waits for approval' : 'a run begins');
  if (question !== null) logEscalation(parts.log, question);
  if (beginning !== null) beginning.place.take(() => beginRun(parts, run));
  else await parts.wake(question === null ? `run:${run.id}` : `message:${question.id}`, nowMs);
  return { kind: 'recorded', episode: joined, verdict, run };
}

/**
 * Commits an admission. After a lost connection it is sent anew, and may meet what it wrote itself the
 * first time: nobody else has the id of its run.
 */
async function commitAdmission(
  { ledger }: EngineParts,
  runId: string,
  transaction: Transaction,
): Promise<TransactionResult> {
  const result = await ledger.commit(transaction);
  if (result.kind !== 'conflict') return result;
  return (await ledger.run(runId)) === null ? result : { kind: 'committed' };
}

/** What a refusal comes to; a blast radius that trips with it is told at once. */
async function heldBy(
  parts: EngineParts,
  guards: readonly Guard[],
  refusals: readonly Refusal[],
  nowMs: number,
): Promise<{ readonly kind: 'held'; readonly hold: Hold }> {
  const hold = holdOf(guards, refusals);
  const trips = refusals.some(({ claim }) => guards[claim]?.claim.kind === 'radius');
  if (trips) await parts.wake(`message:${hold.escalationId}`, nowMs);
  return { kind: 'held', hold };
}
