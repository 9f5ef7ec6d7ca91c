import { access, stat } from 'node:fs/promises';
import type { ActivePlaybooks } from '../../engine/context/context.js';
import { createOfflineRegistry } from '../../integrations/offline-registry.js';
import { InputError, messageOf } from '../../lib/errors.js';
import { createLibrary } from '../../playbook/library.js';
import { loadPlaybooks } from '../../playbook/load.js';
import { UsageError } from '../usage-error.js';

/**
 * Loads a set of playbooks to replay a record with.
 *
 * @param policy the file of the policy; `undefined` for `policy.yaml` in the folder
 * @throws InputError for a path that cannot be read, and with the first fault of a set that the engine
 * would refuse.
 */
export async function loadSet(
  folder: string,
  policy: string | undefined,
): Promise<ActivePlaybooks> {
  await requireFolder(folder);
  if (policy !== undefined) await requireFile(policy);
  const actions = createOfflineRegistry();
  const loaded = await loadPlaybooks(folder, { actions, ...(policy !== undefined && { policy }) });
  const [first] = loaded.problems;
  if (first !== undefined) {
    const { file, line, column, message } = first;
    const more = loaded.problems.length === 1 ? '' : ` (and ${loaded.problems.length - 1} more)`;
    const check = `${policy === undefined ? '' : `JIDOKA_POLICY=${policy} `}jidoka check ${folder}`;
    throw new InputError(
      `${folder}: ${file}:${line}:${column}: ${message}${more}; ${check} shows all of it`,
      folder,
    );
  }
  if (loaded.playbooks.length === 0) {
    throw new UsageError(
      `${folder} holds no playbooks: expected files whose names end in .yaml or .yml`,
    );
  }
  return { library: createLibrary(loaded.playbooks), policy: loaded.policy, hash: loaded.hash };
}

async function requireFolder(folder: string): Promise<void> {
  const fault = await stat(folder).then(
    (stats) => (stats.isDirectory() ? undefined : 'it is no folder'),
    messageOf,
  );
  if (fault === undefined) return;
  throw new UsageError(`${folder} cannot be read: ${fault}; expected a folder of playbooks`);
}

async function requireFile(policy: string): Promise<void> {
  await access(policy).catch((error: unknown) => {
    throw new UsageError(`--policy: ${messageOf(error)}`);
  });
}
