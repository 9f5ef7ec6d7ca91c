import type { Plan } from '../action/action.js';
import { createId, draftApproval } from '../escalation/draft.js';
import type { Hold } from '../guard/guard.js';
import { guardsFor, holdOf } from '../guard/guards.js';
import type { Episode, Verdict } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { createRun, isJoinable, joinHash, type Run, type RunStep } from '../ledger/run.js';
import { admitted } from '../ledger/run-transitions.js';
import type { Playbook } from '../playbook/playbook.js';
import type { EngineParts } from './parts.js';
import { agendaWrite, withVerdict } from './record.js';

/** What became of the attempt to give an episode a run. */
export type Admission =
  | { readonly kind: 'recorded'; readonly episode: Episode; readonly verdict: Verdict }
  | { readonly kind: 'held'; readonly hold: Hold }
  /** Somebody else was faster: read again and decide again. */
  | { readonly kind: 'conflict' };

interface Wanted {
  readonly playbook: Playbook;
  readonly steps: readonly RunStep[];
  readonly plan: Plan;
  readonly ask: boolean;
}

const busyAgainMs = 5_000;

/**
 * Gives an episode its run: joins the one with the same playbook and inputs, or starts one. Guards,
 * locks, the run, the episode's verdict and the audit record are one atomic step.
 */
export async function admitEpisode(
  parts: EngineParts,
  stored: Stored<Episode>,
  wanted: Wanted,
): Promise<Admission> {
  const { ledger } = parts;
  const hash = joinHash(wanted.playbook.name, wanted.steps);
  const runId = await ledger.redis.get(ledger.keys.join(hash));
  if (runId === null) return start(parts, stored, wanted, hash);
  const run = await ledger.run(runId);
  if (run !== null && isJoinable(run.value)) return join(parts, stored, run.value, wanted);
  const detail = `run ${runId} of this playbook is about to end`;
  return {
    kind: 'held',
    hold: { reason: 'target_busy', detail, untilMs: parts.clock.now() + busyAgainMs },
  };
}

/** What became of the attempt to give a run its guards and locks. */
export type RunAdmission =
  | { readonly kind: 'committed' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'held'; readonly hold: Hold };

/** Takes guards and locks for a run that a person approved or chose. */
export async function admitRun(parts: EngineParts, stored: Stored<Run>): Promise<RunAdmission> {
  const { ledger, clock } = parts;
  const nowMs = clock.now();
  const guards = guardsFor(ledger.keys, stored.value, parts.active().policy.limits, nowMs);
  const save = ledger.saveRun(stored, admitted(stored.value, nowMs));
  const result = await ledger.commit({
    checks: [save.check],
    claims: guards.map((guard) => guard.claim),
    writes: [
      ...save.writes,
      ledger.audit({ atMs: nowMs, subject: 'run', id: stored.value.id, event: 'admitted' }),
    ],
    nowMs,
  });
  if (result.kind === 'refused') return { kind: 'held', hold: holdOf(guards, result.refusals) };
  return result;
}

async function start(
  parts: EngineParts,
  stored: Stored<Episode>,
  wanted: Wanted,
  hash: string,
): Promise<Admission> {
  const { ledger, clock } = parts;
  const { policy } = parts.active();
  const nowMs = clock.now();
  const { playbook, ask } = wanted;
  const id = createId();
  const created = createRun({
    id,
    caseId: id,
    origin: { kind: 'playbook', playbook: playbook.name, hash: playbook.hash },
    labels: stored.value.labels,
    steps: wanted.steps,
    cooldownMs: playbook.guards.cooldownMs,
    limits: playbook.guards.limits,
    channel: playbook.escalate.channel ?? policy.escalate.channel,
    verifiable: policy.alertmanager.sendResolved,
    escalationId: null,
    state: ask ? 'awaiting_approval' : 'planning',
    nowMs,
  });
  const question = ask
    ? draftApproval(created, stored.value, wanted.plan, {
        channel: created.channel,
        expiresAtMs: nowMs + policy.approvalExpiresMs,
        nowMs,
      })
    : null;
  const run = { ...created, escalationId: question?.id ?? null };
  const guards = ask ? [] : guardsFor(ledger.keys, run, policy.limits, nowMs);
  const verdict = runVerdict(playbook, run.id, ask, nowMs);
  const joined = joinedEpisode(stored.value, playbook, run.caseId, verdict);
  const saves = [ledger.saveEpisode(stored, joined), ledger.saveRun(null, run)];
  if (question !== null) saves.push(ledger.saveEscalation(null, question, nowMs));
  const result = await ledger.commit({
    checks: [...saves.map((save) => save.check), { kind: 'absent', key: ledger.keys.join(hash) }],
    claims: guards.map((guard) => guard.claim),
    writes: [
      ...saves.flatMap((save) => save.writes),
      agendaWrite(parts, joined),
      ...ledger.joinCase(run.caseId, joined.identity),
      ledger.audit({
        atMs: nowMs,
        subject: 'run',
        id: run.id,
        event: ask ? 'asked' : 'admitted',
        reason: verdict.reason,
        detail: `${playbook.name} for ${stored.value.id}`,
      }),
    ],
    nowMs,
  });
  if (result.kind === 'conflict') return result;
  if (result.kind === 'refused') return { kind: 'held', hold: holdOf(guards, result.refusals) };
  parts.metrics.decisions.inc({ fate: verdict.fate, reason: verdict.reason });
  await parts.wake(question === null ? `run:${run.id}` : `message:${question.id}`, nowMs);
  return { kind: 'recorded', episode: joined, verdict };
}

async function join(
  parts: EngineParts,
  stored: Stored<Episode>,
  run: Run,
  { playbook }: Wanted,
): Promise<Admission> {
  const { ledger, clock } = parts;
  const nowMs = clock.now();
  const verdict = runVerdict(playbook, run.id, run.state === 'awaiting_approval', nowMs);
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
      ledger.audit({
        atMs: nowMs,
        subject: 'run',
        id: run.id,
        event: 'joined',
        detail: stored.value.id,
      }),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return { kind: 'conflict' };
  parts.metrics.decisions.inc({ fate: verdict.fate, reason: verdict.reason });
  return { kind: 'recorded', episode: joined, verdict };
}

function runVerdict(playbook: Playbook, runId: string, ask: boolean, atMs: number): Verdict {
  const detail = `run ${runId}`;
  return {
    playbook: playbook.name,
    fate: 'run',
    reason: ask ? 'approval' : 'matched',
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
