import type { Busy, Episode } from '../../ledger/episode.js';

/** Whether all that is held waits for its time: a look that comes early, or twice, changes nothing. */
export function isResting(
  { verdicts, moreToDecide }: Episode,
  busy: ReadonlyMap<string, Busy>,
  setHash: string,
  nowMs: number,
): boolean {
  const held = verdicts.filter(({ fate }) => fate === 'held');
  return (
    moreToDecide !== true &&
    held.length > 0 &&
    held.every(
      ({ playbook, waitsFor, untilMs, ...disposition }) =>
        disposition.setHash === setHash &&
        (untilMs ?? 0) > nowMs &&
        (waitsFor === undefined || busy.has(playbook ?? '')),
    )
  );
}

/**
 * Whether a playbook has given its last word on this episode. What one in shadow showed is none. That
 * no playbook takes it (`null`) is nothing new where one has that was removed meanwhile.
 */
export function isFinal(episode: Episode, playbook: string | null): boolean {
  return episode.verdicts.some(
    (known) =>
      (playbook === null || known.playbook === playbook) &&
      known.fate !== 'held' &&
      known.fate !== 'shadow',
  );
}

/** The episode without the holds of playbooks that do not take it any more. */
export function withoutOtherHolds(episode: Episode, asked: ReadonlySet<string | null>): Episode {
  const verdicts = episode.verdicts.filter(
    ({ fate, playbook }) => fate !== 'held' || asked.has(playbook),
  );
  return withMoreToDecide({ ...episode, verdicts }, false);
}

/** The episode, kept on the schedule or not until the remaining playbooks have had their say, too. */
export function withMoreToDecide(episode: Episode, more: boolean): Episode {
  const { moreToDecide: _, ...rest } = episode;
  return more ? { ...rest, moreToDecide: true } : rest;
}
