import type { Episode } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import { joinHash, type Run } from '../ledger/run.js';
import { type Admission, joinedEpisode, runVerdict } from './admission.js';
import { afterFirst, type Batch } from './batch.js';
import { existingRun, isAlikeIn, type Wanted } from './new-run.js';
import type { EngineParts } from './parts.js';
import { agendaWrite, joinedMessage } from './record.js';
import { startRun } from './start-run.js';

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
  return afterFirst<Run, Admission>(runs, hash, {
    make: admitAlone,
    join: (first) => {
      const isAlike = isAlikeIn(first, stored.value, parts.active().policy);
      return isAlike ? join(parts, stored, first, wanted) : admitAlone();
    },
    outcome: (admission) => (admission.kind === 'recorded' ? admission.run : null),
  });
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
      return startRun(parts, stored, wanted, { hash, changedMs: existing.changedMs });
    case 'joinable':
      return join(parts, stored, existing.run, wanted);
    case 'ending':
      return { kind: 'conflict' };
    case 'busy':
      return { kind: 'held', hold: existing.hold };
  }
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
