import type { AuditRecord } from '../../ledger/audit.js';
import { reasons } from '../../ledger/reason.js';
import { Empty } from '../components/section.js';
import { Table } from '../components/table.js';
import { At } from '../components/time.js';

/** Audit records as they were written, oldest first; folded away. */
export function Records({ records }: { readonly records: readonly AuditRecord[] }) {
  if (records.length === 0) return <Empty>No records are kept of it any more.</Empty>;
  return (
    <details id="all-records">
      <summary>All {records.length} records</summary>
      <Table
        caption="Audit records, oldest first"
        columns={['Time', 'Event', 'Reason', 'Detail', 'By']}
        rows={records.map(({ atMs, event, reason, detail, by, playbook }) => [
          <At ms={atMs} />,
          event,
          reason === undefined ? '' : reasons[reason],
          detail ?? '',
          by ?? playbook ?? '',
        ])}
      />
    </details>
  );
}
