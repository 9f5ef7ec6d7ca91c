import type { Keys } from '../ledger/keys.js';
import { endOfRun } from '../ledger/playbook-stats.js';
import type { Outcome, Run } from '../ledger/run.js';
import type { Check, Write } from '../ledger/transaction.js';

/** A playbook that a person is asked about, because its last runs did not help. */
export interface Breaker {
  readonly playbook: string;
  readonly openedAtMs: number;
  /** How many of its runs in a row did not help. */
  readonly failures: number;
  /** The run that opened it. */
  readonly runId: string;
  /** The report that told a person. */
  readonly escalationId: string;
}

/** What the end of a run says of its playbook. */
export type PlaybookSuggestion = 'helped' | 'did_not_help' | 'nothing';

/**
 * What is learned from a run that ends, as its playbook's evidence counts it. A person's run, one that a
 * person denied or did not answer about, and one whose alerts resolved before it did anything say
 * nothing of the playbook.
 */
export function lessonOf(
  run: Pick<Run, 'origin' | 'attempts'>,
  outcome: Outcome,
): PlaybookSuggestion {
  if (run.origin.kind === 'person') return 'nothing';
  switch (endOfRun({ attempts: run.attempts, outcome })) {
    case 'helped':
      return 'helped';
    case 'failed':
    case 'unknown':
      return 'did_not_help';
    default:
      return 'nothing';
  }
}

/** The state of a breaker before a run of its playbook ends. */
export interface BreakerState {
  /** Runs in a row that did not help. */
  readonly failures: number;
  readonly open: boolean;
}

/** Whether the next run that does not help opens the breaker. */
export function opensWith({ failures, open }: BreakerState, allowed: number): boolean {
  return !open && failures + 1 >= allowed;
}

/** What must still hold of the state that was read, and the writes that count one more failure. */
export function countFailure(
  keys: Keys,
  playbook: string,
  { failures, open }: BreakerState,
): { readonly checks: readonly Check[]; readonly writes: readonly Write[] } {
  const unchanged: Check =
    failures === 0
      ? { kind: 'no_field', key: keys.failures, field: playbook }
      : { kind: 'field', key: keys.failures, field: playbook, value: String(failures) };
  const stillClosed: Check = { kind: 'no_field', key: keys.breakers, field: playbook };
  return {
    checks: open ? [unchanged] : [unchanged, stillClosed],
    writes: [['HSET', keys.failures, playbook, failures + 1]],
  };
}
