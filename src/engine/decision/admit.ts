import type { Episode } from '../../ledger/episode.js';
import type { Stored } from '../../ledger/record-reads.js';
import { joinHash, type Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import { afterFirst, type Batch } from '../reading/batch.js';
import { existingRun, isAlikeIn, type Wanted } from '../run/new-run.js';
import { type Admission, joinedEpisode, runDisposition } from './admission.js';
import { joinedMessage, scheduleWrite } from './record.js';
import { startRun } from './start-run.js';

/**
 * Gives an episode its run: joins the one with the same playbook and inputs, or starts one. Guards,
 * locks, the run, the episode's disposition and the audit record are one atomic step.
 *
 * @param runs the runs that are begun in the same batch
 */
export async function admitEpisode(
  context: EngineContext,
  stored: Stored<Episode>,
  wanted: Wanted,
  runs: Batch['runs'] = new Map(),
): Promise<Admission> {
  const hash = joinHash(wanted.playbook.name, wanted.steps);
  const admitAlone = () => admitByHash(context, stored, wanted, hash);
  return afterFirst<Run, Admission>(runs, hash, {
    make: admitAlone,
    join: (first) => {
      const isAlike = isAlikeIn(first, stored.value, context.active().policy);
      return isAlike ? join(context, stored, first, wanted) : admitAlone();
    },
    outcome: (admission) => (admission.kind === 'recorded' ? admission.run : null),
  });
}

async function admitByHash(
  context: EngineContext,
  stored: Stored<Episode>,
  wanted: Wanted,
  hash: string,
): Promise<Admission> {
  const existing = await existingRun(context, stored.value, wanted, hash);
  switch (existing.kind) {
    case 'none':
      return startRun(context, stored, wanted, { hash, changedMs: existing.changedMs });
    case 'joinable':
      return join(context, stored, existing.run, wanted);
    case 'ending':
      return { kind: 'conflict' };
    case 'busy':
      return { kind: 'held', hold: existing.hold };
  }
}

async function join(
  context: EngineContext,
  stored: Stored<Episode>,
  run: Run,
  { playbook }: Wanted,
): Promise<Admission> {
  const { ledger, clock } = context;
  const nowMs = clock.now();
  const ask = run.state === 'awaiting_approval' ? 'approval' : null;
  const disposition = runDisposition(playbook, run.id, ask, nowMs);
  const joined = joinedEpisode(stored.value, playbook, run.caseId, disposition);
  const save = ledger.saveEpisode(stored, joined);
  const result = await ledger.commit({
    checks: [
      save.check,
      { kind: 'field', key: ledger.keys.run(run.id), field: 'joinable', value: '1' },
    ],
    writes: [
      ...save.writes,
      scheduleWrite(context, joined),
      ...ledger.joinCase(run.caseId, joined.identity),
      ...(run.escalationId === null ? [] : [joinedMessage(context, run.escalationId, nowMs)]),
      ...ledger.auditRun({
        atMs: nowMs,
        id: run.id,
        event: 'joined',
        detail: stored.value.id,
        alert: stored.value.id,
        playbook: playbook.name,
      }),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return { kind: 'conflict' };
  context.metrics.decisions.inc({ fate: disposition.fate, reason: disposition.reason });
  return { kind: 'recorded', episode: joined, disposition, run };
}
