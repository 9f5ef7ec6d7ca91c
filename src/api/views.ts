import type { z } from 'zod';
import { describePreview } from '../escalation/describe.js';
import { describeChange } from '../integrations/operations.js';
import type { Episode } from '../ledger/episode.js';
import type { Escalation } from '../ledger/escalation.js';
import type { AuditEntry, Membership } from '../ledger/pages.js';
import { type Reason, reasons } from '../ledger/reason.js';
import type { Run } from '../ledger/run.js';
import type { Playbook } from '../playbook/playbook.js';
import type { escalationSchema } from './escalation-schema.js';
import type { runSchema } from './run-schema.js';
import type { alertSchema, auditEntrySchema, playbookSchema } from './schema.js';

/** An episode as the API shows it: every reason in words, too. */
export function alertView(episode: Episode): z.output<typeof alertSchema> {
  return { ...episode, verdicts: episode.verdicts.map(explained) };
}

/** A run as the API shows it. */
export function runView(run: Run & Membership): z.output<typeof runSchema> {
  return {
    ...run,
    attempts: run.attempts.map((attempt) => ({ ...attempt, text: describeChange(attempt.change) })),
    shown: run.shown?.map((step) => ({ ...step, text: describePreview([step]) })) ?? null,
    waiting: run.waiting && explained(run.waiting),
    outcome: run.outcome && explained(run.outcome),
  };
}

/** An escalation as the API shows it, with the number of its alerts where that is known. */
export function escalationView<T extends Escalation>(
  escalation: T,
): T & z.output<typeof escalationSchema> {
  return explained(escalation);
}

/** A playbook as the API shows it: as it was written. */
export function playbookView({
  name,
  summary,
  owner,
  mode,
  file,
  hash,
  text,
}: Playbook): z.output<typeof playbookSchema> {
  return { name, summary, owner, mode, file, hash, text };
}

/** A line of the audit trail as the API shows it. */
export function auditView(entry: AuditEntry): z.output<typeof auditEntrySchema> {
  const { reason } = entry;
  return reason === undefined ? entry : explained({ ...entry, reason });
}

function explained<T extends { readonly reason: Reason }>(
  record: T,
): T & { readonly reasonText: string } {
  return { ...record, reasonText: reasons[record.reason] };
}
