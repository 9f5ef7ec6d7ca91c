import { createOfflineRegistry } from '../../action/offline-registry.js';
import { readPlaybookPaths } from '../../config.js';
import { explainOffline } from '../../engine/explain/offline.js';
import type { Question } from '../../engine/explain/question.js';
import { InputError } from '../../errors.js';
import { createLibrary } from '../../playbook/library.js';
import { loadPlaybooks } from '../../playbook/load.js';
import { formatProblem } from '../../playbook/problem.js';
import type { ShownExplanation } from '../../receiver/explain-schema.js';
import { explanationView } from '../../receiver/explain-view.js';

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
  const set = { library, policy: loaded.policy, hash: loaded.hash };
  const workerAsg = env.JIDOKA_WORKER_ASG ?? '';
  return explainOffline({ set, workerAsg, nowMs: Date.now() }, question).map(explanationView);
}
