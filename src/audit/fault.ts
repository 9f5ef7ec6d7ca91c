/** The first thing in a trail that does not fit. */
export interface AuditFault {
  readonly kind: 'fault';
  /** The first record that does not fit: for a block or an end, the first that it no longer vouches for. */
  readonly entry: string;
  readonly of: 'record' | 'block' | 'head' | 'checkpoint';
  readonly how: 'changed' | 'removed' | 'inserted' | 'reordered';
  readonly expected: string;
}

/** A fault of a record. */
export function recordFault(how: AuditFault['how'], entry: string, expected: string): AuditFault {
  return { kind: 'fault', of: 'record', how, entry, expected };
}
