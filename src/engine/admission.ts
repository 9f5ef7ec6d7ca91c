import type { Hold } from '../guard/guard.js';
import type { Episode, Verdict } from '../ledger/episode.js';
import type { Run } from '../ledger/run.js';
import type { Playbook } from '../playbook/playbook.js';
import type { Wanted } from './new-run.js';
import { withVerdict } from './record.js';

/** What became of the attempt to give an episode a run. */
export type Admission =
  | {
      readonly kind: 'recorded';
      readonly episode: Episode;
      readonly verdict: Verdict;
      readonly run: Run;
    }
  | { readonly kind: 'held'; readonly hold: Hold }
  /** Somebody else was faster: read again and decide again. */
  | { readonly kind: 'conflict' };

/** What is recorded of an alert that a run takes. */
export function runVerdict(
  playbook: Playbook,
  runId: string,
  ask: Wanted['ask'],
  atMs: number,
): Verdict {
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
  verdict: Verdict,
): Episode {
  return {
    ...withVerdict(episode, verdict),
    cases: [...episode.cases, caseId],
    spent: [...episode.spent, playbook.name],
  };
}
