import type { ActivePlaybooks } from '../engine/context/context.js';
import type { OwnPlaybooks, PlaybookChecker } from '../engine/playbook-set/playbook-checker.js';
import { InputError } from '../lib/errors.js';
import { readPlaybooks } from '../playbook/read.js';
import type { Config } from './config.js';

/**
 * Loads the playbooks that the engine starts with.
 *
 * @throws InputError that lists every fault of every file. Like Prometheus with its configuration,
 * the engine does not start with a set that is not what its operator meant.
 */
export async function loadOwn(
  { playbooks, policy }: Pick<Config, 'playbooks' | 'policy'>,
  check: PlaybookChecker,
): Promise<OwnPlaybooks> {
  const { texts, problems } = await readPlaybooks(playbooks, policy);
  const checked = await check(texts, problems);
  if (checked.kind === 'good') return checked.set;
  throw new InputError(
    `the playbooks in ${playbooks} or their policy have errors; fix them, or set JIDOKA_PLAYBOOKS to another folder\n${checked.problems.join('\n')}`,
    playbooks,
  );
}

/** How many playbooks the engine starts with, and from where. */
export function playbooksDetail({ library }: ActivePlaybooks, { playbooks }: Config): string {
  const count = library.playbooks.length;
  const none = '; every alert is escalated (set JIDOKA_PLAYBOOKS)';
  return `${count} from ${playbooks}${count === 0 ? none : ''}`;
}
