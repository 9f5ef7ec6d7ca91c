import type { AnyAction } from '../action/action.js';
import { createLibrary } from '../playbook/library.js';
import { parsePlaybookTexts } from '../playbook/load.js';
import { formatProblem, type PlaybookProblem } from '../playbook/problem.js';
import type { PlaybookTexts } from '../playbook/read.js';
import type { ActivePlaybooks } from './parts.js';

/** The playbooks that a process found in its folder. */
export interface OwnPlaybooks extends ActivePlaybooks {
  readonly texts: PlaybookTexts;
}

/** What a folder held: a set that can be used, or everything that is wrong with it, a line each. */
export type CheckedPlaybooks =
  | { readonly kind: 'good'; readonly set: OwnPlaybooks }
  | { readonly kind: 'bad'; readonly problems: readonly string[] };

/**
 * Checks texts as a whole: the engine takes all of them or none.
 *
 * @param unread what could not be read of the folder
 */
export function checkPlaybooks(
  texts: PlaybookTexts,
  actions: ReadonlyMap<string, AnyAction>,
  unread: readonly PlaybookProblem[] = [],
): CheckedPlaybooks {
  const { playbooks, policy, hash, problems } = parsePlaybookTexts(texts, actions);
  const all = [...unread, ...problems];
  if (all.length > 0) return { kind: 'bad', problems: all.map(formatProblem) };
  return { kind: 'good', set: { library: createLibrary(playbooks), policy, hash, texts } };
}
