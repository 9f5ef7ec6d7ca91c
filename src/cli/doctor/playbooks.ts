import { createOfflineRegistry } from '../../integrations/offline-registry.js';
import { type Finding, ok, warning, wrong } from '../../lib/finding.js';
import { type LoadedPlaybooks, loadPlaybooks } from '../../playbook/load.js';
import { formatProblem } from '../../playbook/problem.js';

/** Loads the playbooks as the engine does. They are only read: their actions have no one to talk to. */
export function loadForDoctor(
  folder: string,
  policy: string | undefined,
): Promise<LoadedPlaybooks> {
  const actions = createOfflineRegistry();
  return loadPlaybooks(folder, policy === undefined ? { actions } : { actions, policy });
}

/** Whether the engine could start with these playbooks; `jidoka check` tells every fault. */
export function examinePlaybooks(
  folder: string,
  { playbooks, problems }: LoadedPlaybooks,
): readonly Finding[] {
  const [first] = problems;
  if (first !== undefined) {
    return [
      wrong(
        `${problems.length} faults in ${folder}; the first: ${formatProblem(first)}`,
        'the engine does not start with playbooks that are not what was meant',
        'jidoka check shows every error; fix them, or set JIDOKA_PLAYBOOKS and JIDOKA_POLICY',
      ),
    ];
  }
  if (playbooks.length === 0) {
    return [
      warning(
        `there is no playbook in ${folder}`,
        'every alert goes to a person',
        'set JIDOKA_PLAYBOOKS to the folder of the playbooks',
      ),
    ];
  }
  const inMode = (mode: string) => playbooks.filter((playbook) => playbook.mode === mode).length;
  const modes = `${inMode('auto')} act by themselves, ${inMode('approve')} ask first, ${inMode('shadow')} only show`;
  return [ok(`${playbooks.length} from ${folder}: ${modes}`)];
}
