import type { AnyAction } from '../action/action.js';
import type { Config } from '../config.js';
import type { OwnPlaybooks } from '../engine/active-set.js';
import { InputError } from '../errors.js';
import { createLibrary } from '../playbook/library.js';
import { parsePlaybookTexts } from '../playbook/load.js';
import { formatProblem } from '../playbook/problem.js';
import { readPlaybooks } from '../playbook/read.js';

/**
 * Loads the playbooks that the engine starts with.
 *
 * @throws InputError that lists every fault of every file. Like Prometheus with its configuration,
 * the engine does not start with a set that is not what its operator meant.
 */
export async function loadOwn(
  { playbooks, policy }: Pick<Config, 'playbooks' | 'policy'>,
  actions: ReadonlyMap<string, AnyAction>,
): Promise<OwnPlaybooks> {
  const { texts, problems: unread } = await readPlaybooks(playbooks, policy);
  const loaded = parsePlaybookTexts(texts, actions);
  const problems = [...unread, ...loaded.problems];
  if (problems.length > 0) {
    const lines = problems.map(formatProblem);
    throw new InputError(
      `the playbooks in ${playbooks} and their policy cannot be used; mend them, or set JIDOKA_PLAYBOOKS to another folder\n${lines.join('\n')}`,
      playbooks,
    );
  }
  const library = createLibrary(loaded.playbooks);
  return { library, policy: loaded.policy, hash: loaded.hash, texts };
}
