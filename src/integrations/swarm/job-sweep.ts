import { messageOf } from '../../lib/errors.js';
import type { WatchContext } from '../contract/connected.js';
import type { Leftover, SwarmJobs } from './jobs.js';

/** What belongs to a run that no ledger knows is left alone for so long: it may be another engine's. */
const strangerMs = 24 * 3_600_000;

/**
 * Removes what runs that are over have left behind: a crash came between the end of a job and its removal, or
 * the Swarm did not answer.
 */
export function createJobSweep({
  jobs,
  isOver,
  clock,
  log,
}: { readonly jobs: Pick<SwarmJobs, 'leftovers' | 'removeLeftover'> } & Pick<
  WatchContext,
  'isOver' | 'clock' | 'log'
>) {
  let fault = '';

  /** What belongs to jobs; nothing where that cannot be read, which says nothing about the Swarm itself. */
  async function leftovers(): Promise<readonly Leftover[]> {
    try {
      const found = await jobs.leftovers();
      fault = '';
      return found;
    } catch (error) {
      const why = messageOf(error);
      if (why !== fault) log.warn({ fault: why }, 'leftovers of jobs not readable');
      fault = why;
      return [];
    }
  }

  return async function sweep(): Promise<void> {
    for (const leftover of await leftovers()) {
      const { name, run, createdAtMs } = leftover;
      const isEnded = await isOver(run);
      const isForgotten = isEnded === undefined && clock.now() - createdAtMs > strangerMs;
      if (isEnded !== true && !isForgotten) continue;
      try {
        await jobs.removeLeftover(leftover);
        log.info({ run, leftover: name }, 'leftover of a job removed');
      } catch (error) {
        log.warn({ run, leftover: name, fault: messageOf(error) }, 'leftover of a job not removed');
      }
    }
  };
}
