import { createOfflineRegistry } from '../../action/offline-registry.js';
import type { ActivePlaybooks } from '../../engine/parts.js';
import { InputError } from '../../errors.js';
import { createLibrary } from '../../playbook/library.js';
import { loadPlaybooks } from '../../playbook/load.js';

/**
 * Loads a set of playbooks to replay a record with.
 *
 * @param policy the file of the policy; `undefined` for `policy.yaml` in the folder
 * @throws InputError with the first fault of a set that the engine would refuse.
 */
export async function loadSet(
  folder: string,
  policy: string | undefined,
): Promise<ActivePlaybooks> {
  const actions = createOfflineRegistry();
  const loaded = await loadPlaybooks(folder, { actions, ...(policy !== undefined && { policy }) });
  const [first] = loaded.problems;
  if (first !== undefined) {
    const { file, line, column, message } = first;
    const more = loaded.problems.length === 1 ? '' : ` (and ${loaded.problems.length - 1} more)`;
    throw new InputError(
      `${folder}: ${file}:${line}:${column}: ${message}${more}; jidoka check ${folder} shows all of it`,
      folder,
    );
  }
  if (loaded.playbooks.length === 0) {
    throw new InputError(
      `${folder} holds no playbooks: expected files whose names end in .yaml or .yml`,
      folder,
    );
  }
  return { library: createLibrary(loaded.playbooks), policy: loaded.policy, hash: loaded.hash };
}
