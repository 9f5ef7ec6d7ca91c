import { setTimeout as sleep } from 'node:timers/promises';
import type { Change } from '../../integrations/contract/change.js';
import { describeSizes, isResize } from '../../integrations/contract/operation.js';
import { describeChange } from '../../integrations/operations.js';
import type { Disposition, Episode } from '../../ledger/episode.js';
import type { AnyLedger } from '../../ledger/ledger.js';
import { type Reason, reasons } from '../../ledger/reason.js';
import type { Run } from '../../ledger/run.js';

/** How far a command has come, and what a person reads of it. */
export interface CommandState {
  readonly state: 'queued' | 'held' | 'working' | 'applied' | 'done' | 'failed';
  readonly detail: string;
  /** It failed only because the target is already at its bound, or beyond it. */
  readonly atBound?: true;
  /** Of the run that it began or joined; left out: none yet. */
  readonly runId?: string;
}

const lookEveryMs = 150;

/** Returns how far a command has come; `null`: it has not been taken in. */
export async function stateOfCommand(
  ledger: AnyLedger,
  episode: Episode | null,
): Promise<CommandState> {
  const disposition = episode?.verdicts.find(({ fate }) => fate !== 'shadow');
  if (disposition === undefined) {
    return { state: 'queued', detail: 'accepted, and not processed yet' };
  }
  const { runId } = disposition;
  const run = runId === undefined ? null : await ledger.run(runId);
  if (run === null) return stateOfDisposition(disposition);
  return { ...stateOfRun(run.value), runId: run.value.id };
}

/** Reads a state again and again until `isReached`, for at most `waitMs`; gives back the last one. */
export async function waitForState<State>(
  read: () => Promise<State>,
  isReached: (state: State) => boolean,
  waitMs: number,
): Promise<State> {
  const untilMs = performance.now() + waitMs;
  for (;;) {
    const state = await read();
    if (isReached(state) || performance.now() + lookEveryMs > untilMs) return state;
    await sleep(lookEveryMs);
  }
}

function stateOfDisposition({ fate, reason, detail }: Disposition): CommandState {
  if (fate === 'ignored') return { state: 'done', detail };
  if (fate === 'held') return { state: 'held', detail };
  return { state: 'failed', detail: `${because(reason, detail)}; Jidoka escalated it` };
}

function because(reason: Reason, detail: string): string {
  return [reasons[reason], detail].filter((text) => text !== '').join(': ');
}

/** `Scaling web from 2 to 3 replicas`, `Asked to restart web`. */
function inWords(change: Change): string {
  const { op, target } = change;
  if (isResize(op)) return `Scaling ${target.name} ${describeSizes(op)}`;
  return `Asked to ${describeChange(change)}`;
}

function stateOfRun(run: Run): CommandState {
  const { state, outcome, waiting, attempts } = run;
  const change = attempts.at(-1)?.change;
  const changed = change && inWords(change);
  if (state === 'ended' && outcome !== null) {
    const why = because(outcome.reason, outcome.detail);
    if (outcome.kind !== 'done') {
      const detail = `${why}; Jidoka escalated it`;
      const atBound = outcome.reason === 'at_bound';
      return { state: 'failed', detail, ...(atBound ? { atBound } : {}) };
    }
    return { state: 'done', detail: changed ?? why };
  }
  if (waiting !== null) return { state: 'held', detail: waiting.detail };
  if (state === 'awaiting_approval') return { state: 'held', detail: 'it waits for approval' };
  if (state === 'converging' || state === 'continuing' || state === 'settling') {
    return { state: 'applied', detail: changed ?? '' };
  }
  return { state: 'working', detail: changed ?? 'in progress' };
}
