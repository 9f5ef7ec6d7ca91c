import { compareIds } from '../ledger/compare-ids.js';
import { type AuditBlock, type AuditLine, contentHash, digestOf } from './block.js';
import { type AuditFault, recordFault } from './fault.js';

/**
 * Compares the records of a trail with the block that seals them.
 *
 * @param mayBeginLate the trail is a piece, and may begin in the middle of this block.
 */
export function createBlockCheck(block: AuditBlock, mayBeginLate: boolean) {
  const { records } = block;
  const lines: AuditLine[] = [];
  let skipped = 0;

  /** Takes the next record; `beyond`: it comes after all that the block seals. */
  function take({ id, content }: AuditLine): AuditFault | 'fits' | 'beyond' {
    if (mayBeginLate && lines.length === 0) {
      skipped = Math.max(
        0,
        records.findIndex((known) => idOf(known) === id),
      );
    }
    const expected = records[skipped + lines.length];
    if (expected === undefined) {
      return compareIds(id, lastOf(block)) > 0
        ? 'beyond'
        : recordFault('inserted', id, 'no record here');
    }
    const order = compareIds(id, idOf(expected));
    if (order < 0) return recordFault('inserted', id, `${idOf(expected)} to be the next record`);
    if (order > 0) return recordFault('removed', idOf(expected), 'this record');
    const hash = contentHash(content);
    if (expected !== `${id} ${hash}`) {
      const isElsewhere = records.some((known) => known.endsWith(` ${hash}`));
      const how = isElsewhere ? 'reordered' : 'changed';
      return recordFault(how, id, `a record with the hash ${expected.split(' ')[1]}, got ${hash}`);
    }
    lines.push({ id, content });
    return 'fits';
  }

  /** Nothing more comes; at its end a piece of a trail may leave the rest of the block out. */
  function finish(mayEndEarly: boolean): AuditFault | null {
    const missing = records[skipped + lines.length];
    if (missing !== undefined) {
      return mayEndEarly ? null : recordFault('removed', idOf(missing), 'this record');
    }
    if (skipped === 0 && digestOf(lines) !== block.digest) {
      const expected = `the records of this block to have the digest ${block.digest}`;
      return recordFault('changed', idOf(records[0] ?? ''), expected);
    }
    return null;
  }

  return { take, finish };
}

/** The id of the last record that a block seals. */
export function lastOf(block: AuditBlock): string {
  return idOf(block.records.at(-1) ?? '');
}

function idOf(record: string): string {
  return record.split(' ')[0] ?? '';
}
