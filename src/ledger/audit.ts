import type { RecordForm } from './codec.js';
import type { Reason } from './reason.js';
import type { Write } from './transaction.js';

/** One line of the audit trail. It is appended by the transaction whose deed it records. */
export interface AuditRecord {
  readonly atMs: number;
  /** `cell`: the engine itself, its playbooks and its ledger. */
  readonly subject: 'episode' | 'run' | 'escalation' | 'guard' | 'cell';
  /** Of a guard: `pause:…`, `breaker:…` with what it is about, or `blast_radius`. */
  readonly id: string;
  /** What happened: `opened`, `admitted`, `applying`, `answered`, … */
  readonly event: string;
  readonly reason?: Reason | undefined;
  readonly detail?: string | undefined;
  /** The playbook whose decision or run it is. */
  readonly playbook?: string | undefined;
  /** The id of the alert that began a run or joined it. */
  readonly alert?: string | undefined;
  /** A person's name, where a person did it. */
  readonly by?: string | undefined;
}

/** The write that appends a record to the audit stream. Old records are trimmed by `audit/` alone. */
export function auditWrite(stream: string, record: AuditRecord, form: RecordForm): Write {
  return ['XADD', stream, '*', 'record', form.write(record)];
}
