import type { Labels } from '../../alertmanager/alert.js';
import { labelValue } from '../../alertmanager/labels.js';
import type { Disposition, Episode } from '../../ledger/episode.js';
import type { Reason } from '../../ledger/reason.js';
import { clausesOf } from '../../playbook/clauses.js';
import type { Library } from '../../playbook/library.js';
import type { Playbook } from '../../playbook/playbook.js';
import { selectPlaybooks } from '../../playbook/select.js';
import { type AskedEpisode, alertInput } from '../context/alert-input.js';

/** What is asked of alerts; each part that is given has to hold. */
export interface AlertQuery {
  /** Words, each of which stands in a value of a label (`web`), or says which (`service=web`). */
  readonly words: string;
  readonly playbook: string;
  readonly fate: Disposition['fate'] | '';
  readonly reason: Reason | '';
}

/** Whether an alert is what is asked for, as a function of the alert. */
export function alertMatcher({ words, playbook, fate, reason }: AlertQuery) {
  const wanted = words.trim().split(/\s+/).filter(Boolean).map(wordMatcher);
  const aboutDisposition = playbook !== '' || fate !== '' || reason !== '';
  const isMeant = (disposition: Disposition) =>
    (playbook === '' || disposition.playbook === playbook) &&
    (fate === '' || disposition.fate === fate) &&
    (reason === '' || disposition.reason === reason);
  return ({ labels, verdicts }: Pick<Episode, 'labels' | 'verdicts'>): boolean =>
    wanted.every((matches) => matches(labels)) && (!aboutDisposition || verdicts.some(isMeant));
}

/** `name=value` is that label, case and all; anything else stands anywhere in a value, in any case. */
function wordMatcher(word: string): (labels: Labels) => boolean {
  const [, name, value = ''] = /^([a-zA-Z_][a-zA-Z0-9_]*)="?(.*?)"?$/.exec(word) ?? [];
  if (name !== undefined) return (labels) => labelValue(labels, name) === value;
  const lower = word.toLowerCase();
  return (labels) => Object.values(labels).some((text) => text.toLowerCase().includes(lower));
}

/** What a playbook of the present set would make of an alert that was. */
export type Claim =
  /** It takes it (in shadow: shows what it would do). */
  | { readonly kind: 'takes' }
  /** It matches, but this one comes first. */
  | { readonly kind: 'after'; readonly playbook: string };

/** Whether a playbook matches an alert, and would get it; `null`: it does not match. */
export function claimOf(
  { library, playbook }: { readonly library: Library; readonly playbook: Playbook },
  episode: AskedEpisode,
  workerAsg: string,
): Claim | null {
  const input = alertInput({ workerAsg }, episode);
  if (!playbook.match.every((matcher) => matcher.matches(episode.labels))) return null;
  if (!clausesOf(playbook, input).every(({ outcome }) => outcome === 'met')) return null;
  const { selected, shadows } = selectPlaybooks(library, input);
  if ([...selected, ...shadows].some(({ name }) => name === playbook.name))
    return { kind: 'takes' };
  return { kind: 'after', playbook: selected.at(-1)?.name ?? '' };
}
