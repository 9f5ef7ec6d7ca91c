import type { AuditRecord } from '../../src/ledger/audit.js';
import type { RecordForm } from '../../src/ledger/codec.js';
import type { Disposition } from '../../src/ledger/episode.js';
import type { AnyLedger } from '../../src/ledger/ledger.js';
import type { Transaction } from '../../src/ledger/transaction.js';

type Subject = Extract<AuditRecord['subject'], 'episode' | 'run' | 'escalation'>;

/** What the audit trail has to account for in a record of the ledger. */
interface PlaybookStatus {
  readonly subject: Subject;
  readonly id: string;
  readonly state: string;
  readonly verdicts: readonly Disposition[];
}

/**
 * The ledger, save that a transaction which changes the state of an episode, a run or an escalation,
 * or decides on an episode, and does not record it in the audit trail, is refused with an error. So
 * every test of the engine checks that nothing happens unrecorded.
 */
export function recordedOnly<L extends AnyLedger>(ledger: L, form: RecordForm): L {
  const { keys, redis } = ledger;
  const known = new Map<string, PlaybookStatus>();
  const subjects: readonly (readonly [Subject, string])[] = [
    ['episode', keys.episode('')],
    ['run', keys.run('')],
    ['escalation', keys.escalation('')],
  ];

  function changesOf({ writes }: Transaction) {
    return writes.flatMap(([command, key, ...rest]) => {
      const subject = subjects.find(([, prefix]) => String(key).startsWith(prefix))?.[0];
      const data = rest[rest.indexOf('data') + 1];
      if (command !== 'HSET' || subject === undefined || rest[0] !== 'rev') return [];
      const { id, state, verdicts = [] } = form.read<PlaybookStatus>(data as string);
      const after: PlaybookStatus = { subject, id, state, verdicts };
      return [{ key: String(key), rev: Number(rest[1]), after }];
    });
  }

  async function before(
    subject: Subject,
    key: string,
    rev: number,
  ): Promise<PlaybookStatus | null> {
    const remembered = known.get(`${key}@${rev}`);
    if (remembered !== undefined || rev === 0) return remembered ?? null;
    const stored = (await redis.hget(key, 'data')) ?? '{}';
    const { id, state, verdicts = [] } = form.read<PlaybookStatus>(stored);
    return { subject, id, state, verdicts };
  }

  async function commit(transaction: Transaction) {
    const records = transaction.writes
      .filter(([command, key]) => command === 'XADD' && key === keys.audit)
      .map((write) => form.read<AuditRecord>(write.at(-1) as string));
    const changes = changesOf(transaction);
    for (const { key, rev, after } of changes) {
      const fault = unrecorded(await before(after.subject, key, rev - 1), after, records);
      if (fault !== null) throw new Error(`not in the audit trail: ${fault}`);
    }
    const result = await ledger.commit(transaction);
    if (result.kind === 'committed') {
      for (const { key, rev, after } of changes) known.set(`${key}@${rev}`, after);
    }
    return result;
  }

  return { ...ledger, commit };
}

/** What changed without a record; `null`: nothing. */
function unrecorded(
  before: PlaybookStatus | null,
  after: PlaybookStatus,
  records: readonly AuditRecord[],
): string | null {
  const { subject, id, state } = after;
  const isRecorded = records.some((record) => record.subject === subject && record.id === id);
  if ((before?.id !== id || before.state !== state) && !isRecorded) {
    return `${subject} ${id} became ${state}`;
  }
  const decided = after.verdicts.find(
    (disposition) =>
      !before?.verdicts.some((known) => isSame(known, disposition)) &&
      !records.some((record) => [id, disposition.runId].includes(record.id)),
  );
  return decided === undefined ? null : `${decided.fate} (${decided.reason}) for episode ${id}`;
}

/** A guard that is asked again and says the same decides nothing new. */
function isSame(a: Disposition, b: Disposition): boolean {
  const said = ({ playbook, fate, reason, detail }: Disposition) => [
    playbook,
    fate,
    reason,
    detail,
  ];
  return JSON.stringify(said(a)) === JSON.stringify(said(b));
}
