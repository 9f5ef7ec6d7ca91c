import type { Episode, Verdict } from '../ledger/episode.js';
import { reasons } from '../ledger/reason.js';

/** The fates of an alert, as they are asked for and shown. */
export const fates: Readonly<Record<Verdict['fate'], string>> = {
  run: 'got a run',
  held: 'held back',
  escalated: 'handed to a person',
  ignored: 'ignored',
  shadow: 'shown by a playbook in shadow',
};

/** What became of an alert, in a few words: each verdict with its playbook and reason. */
export function fateOf({ verdicts }: Pick<Episode, 'verdicts'>): string {
  if (verdicts.length === 0) return 'not decided yet';
  return verdicts
    .map(({ playbook, fate, reason }) => {
      const by = playbook === null ? '' : ` (${playbook})`;
      return `${fates[fate]}${by}: ${reasons[reason]}`;
    })
    .join('; ');
}
