import type { Clock } from '../lib/clock.js';

/** What an engine has to find in Redis for its transactions to be carried out. */
export interface Known {
  readonly ledgerId: string;
  /** Under which this engine marks the time in the ledger. */
  readonly engine: string;
  /** Its mark there is no older than this, in milliseconds. */
  readonly sinceMs: number;
}

/**
 * How far the clock of an engine may be from that of Redis. Two engines are then at most 30 s apart, and a
 * change has its answer before the other engine takes its lease (45 s) for over.
 */
export const maxSkewMs = 15_000;

/** The codes with which the script refuses transactions: of another ledger, and by a wrong clock. */
export const ledgerFault = 'JIDOKA_LEDGER';
export const clockFault = 'JIDOKA_CLOCK';

/**
 * Keeps an engine from acting on a ledger that it does not know, and by a clock that is wrong. The script
 * compares both in the transaction itself, so that there is no moment in which it acts all the same.
 */
export interface Fence {
  /** Carries transactions out from now on only where this is found. */
  hold(known: Known): void;
  /** As the script reads it; empty before it is held. */
  text(): string;
}

export function createFence({ clock }: { readonly clock: Clock }): Fence {
  let held: Known | undefined;
  return {
    hold(known) {
      held = known;
    },
    text: () =>
      held === undefined ? '' : JSON.stringify({ ...held, nowMs: clock.now(), maxSkewMs }),
  };
}
