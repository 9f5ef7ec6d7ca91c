import { draftApproval } from '../escalation/draft.js';
import type { Guard, Hold } from '../guard/guard.js';
import { holdOf } from '../guard/guards.js';
import type { Episode, Verdict } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { joinHash, type Run, targetsOf } from '../ledger/run.js';
import type { Refusal } from '../ledger/transaction.js';
import type { Playbook } from '../playbook/playbook.js';
import { afterFirst, type Batch } from './batch.js';
import { logEscalation } from './journal.js';
import { existingRun, firstDirection, isAlikeIn, newRun, type Wanted } from './new-run.js';
import type { EngineParts } from './parts.js';
import { agendaWrite, joinedMessage, withVerdict } from './record.js';
import { beginningOf, beginRun } from './run/beginning.js';
import { guardsOf } from './run-guards.js';

/** What became of the attempt to give an episode a run. */
export type Admission =
  | {
      readonly kind: 'recorded';
      readonly episode: Episode;
      readonly verdict: Verdict;
      readonly run: Run;
    }
  | { readonly kind: 'held'; readonly hold: Hold }
  /** Somebody else was faster: read again and decide again. */
  | { readonly kind: 'conflict' };

/**
 * Gives an episode its run: joins the one with the same playbook and inputs, or starts one. Guards,
 * locks, the run, the episode's verdict and the audit record are one atomic step.
 *
 * @param runs the runs that are begun in the same batch
 */
export async function admitEpisode(
  parts: EngineParts,
  stored: Stored<Episode>,
  wanted: Wanted,
  runs: Batch['runs'] = new Map(),
): Promise<Admission> {
  const hash = joinHash(wanted.playbook.name, wanted.steps);
  const admitAlone = () => admitByHash(parts, stored, wanted, hash);
  const { first, made } = await afterFirst(runs, hash, admitAlone, (admission) =>
    admission.kind === 'recorded' ? admission.run : null,
  );
  if (first === undefined) return made;
  const isAlike = isAlikeIn(first, stored.value, parts.active().policy);
  return isAlike ? join(parts, stored, first, wanted) : admitAlone();
}

async function admitByHash(
  parts: EngineParts,
  stored: Stored<Episode>,
  wanted: Wanted,
  hash: string,
): Promise<Admission> {
  const existing = await existingRun(parts, stored.value, wanted, hash);
  switch (existing.kind) {
    case 'none':
      return start(parts, stored, wanted, { hash, changedMs: existing.changedMs });
    case 'joinable':
      return join(parts, stored, existing.run, wanted);
    case 'ending':
      return { kind: 'conflict' };
    case 'busy':
      return { kind: 'held', hold: existing.hold };
  }
}

async function start(
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
  const committing = ledger.commit({
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

async function join(
  parts: EngineParts,
  stored: Stored<Episode>,
  run: Run,
  { playbook }: Wanted,
): Promise<Admission> {
  const { ledger, clock } = parts;
  const nowMs = clock.now();
  const ask = run.state === 'awaiting_approval' ? 'approval' : null;
  const verdict = runVerdict(playbook, run.id, ask, nowMs);
  const joined = joinedEpisode(stored.value, playbook, run.caseId, verdict);
  const save = ledger.saveEpisode(stored, joined);
  const result = await ledger.commit({
    checks: [
      save.check,
      { kind: 'field', key: ledger.keys.run(run.id), field: 'joinable', value: '1' },
    ],
    writes: [
      ...save.writes,
      agendaWrite(parts, joined),
      ...ledger.joinCase(run.caseId, joined.identity),
      ...(run.escalationId === null ? [] : [joinedMessage(parts, run.escalationId, nowMs)]),
      ...ledger.auditRun({
        atMs: nowMs,
        id: run.id,
        event: 'joined',
        detail: stored.value.id,
        playbook: playbook.name,
      }),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return { kind: 'conflict' };
  parts.metrics.decisions.inc({ fate: verdict.fate, reason: verdict.reason });
  return { kind: 'recorded', episode: joined, verdict, run };
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

function runVerdict(playbook: Playbook, runId: string, ask: Wanted['ask'], atMs: number): Verdict {
  const detail = `run ${runId}`;
  return {
    playbook: playbook.name,
    fate: 'run',
    reason: ask ?? 'matched',
    detail,
    atMs,
    runId,
  };
}

function joinedEpisode(
  episode: Episode,
  playbook: Playbook,
  caseId: string,
  verdict: Verdict,
): Episode {
  return {
    ...withVerdict(episode, verdict),
    cases: [...episode.cases, caseId],
    spent: [...episode.spent, playbook.name],
  };
}
