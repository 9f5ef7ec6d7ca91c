import type { AnyAction } from '../action/action.js';
import type { Config } from '../config.js';
import type { ActivePlaybooks } from '../engine/parts.js';
import { InputError } from '../errors.js';
import { createLibrary } from '../playbook/library.js';
import { loadPlaybooks } from '../playbook/load.js';

/**
 * Loads the playbooks that the engine starts with.
 *
 * @throws InputError that lists every fault of every file. Like Prometheus with its configuration,
 * the engine does not start with a set that is not what its operator meant.
 */
export async function loadActive(
  { playbooks, policy }: Pick<Config, 'playbooks' | 'policy'>,
  actions: ReadonlyMap<string, AnyAction>,
): Promise<ActivePlaybooks> {
  const loaded = await loadPlaybooks(
    playbooks,
    policy === undefined ? { actions } : { actions, policy },
  );
  if (loaded.problems.length > 0) {
    const lines = loaded.problems.map(
      ({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`,
    );
    throw new InputError(
      `the playbooks in ${playbooks} and their policy cannot be used; mend them, or set JIDOKA_PLAYBOOKS to another folder\n${lines.join('\n')}`,
      playbooks,
    );
  }
  return { library: createLibrary(loaded.playbooks), policy: loaded.policy, hash: loaded.hash };
}
