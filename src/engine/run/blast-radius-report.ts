import { blastRadiusChoices } from '../../escalation/choices.js';
import { draftFault } from '../../escalation/draft.js';
import type { TripReport } from '../../guard/blast-radius.js';
import type { Run } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';

/** The report that a run was one too many for the blast radius, should it turn out to be. */
export function reportTrip(
  { ledger, active }: EngineContext,
  run: Run,
  detail: string,
  nowMs: number,
): TripReport {
  const name = run.origin.kind === 'playbook' ? run.origin.playbook : run.origin.by;
  const names = [...new Set(run.steps.map(({ target }) => target.name))].join(', ');
  const fault = draftFault(
    'blast_radius',
    'Blast radius exceeded: automatic runs on hold',
    `${name} on ${names} would have made it ${detail}. No automatic run starts until a person resets the blast radius: here, on the console, or with POST /api/v1/blast-radius/reset.`,
    'blast_radius',
    { id: ledger.newId(), channel: active().policy.escalate.channel, expiresAtMs: null, nowMs },
  );
  const report = { ...fault, choices: blastRadiusChoices };
  return {
    escalationId: report.id,
    writes: [
      ...ledger.saveEscalation(null, report, nowMs).writes,
      ledger.letGoOfCase(report.caseId),
      ledger.audit({
        atMs: nowMs,
        subject: 'guard',
        id: 'blast_radius',
        event: 'tripped',
        reason: 'blast_radius',
        detail: `${name} on ${names}: ${detail}`,
      }),
    ],
  };
}
