import type { Hold } from '../../guard/guard.js';
import type { Disposition, Episode } from '../../ledger/episode.js';
import type { Run } from '../../ledger/run.js';
import type { Playbook } from '../../playbook/playbook.js';
import type { Wanted } from '../run/new-run.js';
import { withDisposition } from './record.js';

/** What became of the attempt to give an episode a run. */
export type Admission =
  | {
      readonly kind: 'recorded';
      readonly episode: Episode;
      readonly disposition: Disposition;
      readonly run: Run;
    }
  | { readonly kind: 'held'; readonly hold: Hold }
  /** Another worker was faster: read again and decide again. */
  | { readonly kind: 'conflict' };

/** What is recorded of an alert that a run takes. */
export function runDisposition(
  playbook: Playbook,
  runId: string,
  ask: Wanted['ask'],
  atMs: number,
): Disposition {
  const detail = `run ${runId}`;
  return {
    playbook: playbook.name,
    fate: 'run',
    reason: ask ?? 'matched',
    detail,
    atMs,
    runId,
  };
}

/** The episode as part of the case of a run; the playbook has had its run for it. */
export function joinedEpisode(
  episode: Episode,
  playbook: Playbook,
  caseId: string,
  disposition: Disposition,
): Episode {
  return {
    ...withDisposition(episode, disposition),
    cases: [...episode.cases, caseId],
    spent: [...episode.spent, playbook.name],
  };
}
