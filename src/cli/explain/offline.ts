import type { ShownExplanation } from '../../api/explain-schema.js';
import { explanationView } from '../../api/explain-view.js';
import { readPlaybookPaths } from '../../app/config.js';
import type { ActivePlaybooks } from '../../engine/context/context.js';
import { explainOffline } from '../../engine/explain/offline.js';
import type { Question } from '../../engine/explain/question.js';
import { createOfflineRegistry } from '../../integrations/offline-registry.js';
import { InputError } from '../../lib/errors.js';
import { createLibrary } from '../../playbook/library.js';
import { loadPlaybooks } from '../../playbook/load.js';
import { formatProblem } from '../../playbook/problem.js';
import { isFolder } from '../folder.js';

/**
 * Explains alerts by the playbooks of a folder, without an engine.
 *
 * @throws InputError where the playbooks have faults: such a set would not decide anything.
 */
export async function explainFolder(
  env: NodeJS.ProcessEnv,
  folder: string,
  question: Question,
): Promise<readonly ShownExplanation[]> {
  const set = await loadFolder(env, folder);
  const workerAsg = env.JIDOKA_WORKER_ASG ?? '';
  return explainOffline({ set, workerAsg, nowMs: Date.now() }, question).map(explanationView);
}

/**
 * Loads the playbooks of a folder with their policy.
 *
 * @throws InputError where they have faults: such a set would not decide anything.
 */
export async function loadFolder(env: NodeJS.ProcessEnv, folder: string): Promise<ActivePlaybooks> {
  await isFolder(folder);
  const { policy } = readPlaybookPaths(env);
  const actions = createOfflineRegistry();
  const loaded = await loadPlaybooks(folder, { actions, ...(policy !== undefined && { policy }) });
  if (loaded.problems.length > 0) {
    const lines = loaded.problems.map(formatProblem).join('\n');
    throw new InputError(
      `the playbooks in ${folder} have faults (see jidoka check)\n${lines}`,
      folder,
    );
  }
  const library = createLibrary(loaded.playbooks);
  return { library, policy: loaded.policy, hash: loaded.hash };
}
