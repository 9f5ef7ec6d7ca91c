import type { AnyAction } from '../../integrations/contract/action.js';
import { inSlices } from '../../lib/steps.js';
import { indexPlaybooks } from '../../playbook/library.js';
import { parseFileByFile } from '../../playbook/load.js';
import { createPlaybookParser } from '../../playbook/parse.js';
import { formatProblem, type PlaybookProblem } from '../../playbook/problem.js';
import type { PlaybookTexts } from '../../playbook/read.js';
import type { ActivePlaybooks } from '../context/context.js';
import { createMemory } from './parse-cache.js';

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
export type PlaybookChecker = (
  texts: PlaybookTexts,
  unread?: readonly PlaybookProblem[],
) => Promise<CheckedPlaybooks>;

/**
 * A checker that parses only the files that have changed since its last check, and lets its event loop do
 * other things meanwhile: the receiver of ten thousand playbooks goes on receiving.
 */
export function createPlaybookChecker(actions: ReadonlyMap<string, AnyAction>): PlaybookChecker {
  const memory = createMemory(createPlaybookParser(actions));

  return async function check(texts, unread = []) {
    const loaded = await inSlices(parseFileByFile(texts, memory.parse));
    memory.keepOnly(texts.files);
    const { playbooks, policy, hash, jobOffers, problems } = loaded;
    const all = [...unread, ...problems];
    if (all.length > 0) return { kind: 'bad', problems: all.map(formatProblem) };
    const library = await inSlices(indexPlaybooks(playbooks));
    return { kind: 'good', set: { library, policy, hash, jobOffers, texts } };
  };
}
