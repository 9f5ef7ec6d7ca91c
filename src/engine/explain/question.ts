import type { Alert } from '../../alert/alert.js';
import { InputError } from '../../errors.js';
import { type Compared, compareAll } from '../../playbook/compare.js';
import type { Library } from '../../playbook/library.js';
import type { ExpressionInput } from '../../playbook/playbook.js';
import { nearestWord } from '../../playbook/problem.js';
import type { Selection } from '../../playbook/select.js';

/** What a person asks. */
export interface Question {
  readonly alerts: readonly Alert[];
  /** Only this playbook; left out, all that match and the nearest others. */
  readonly playbook?: string | undefined;
  /** All playbooks, however far from the alert. */
  readonly all: boolean;
}

/** How many playbooks that do not match are shown unless all are asked for. */
const mostNear = 10;

/** The playbooks to show, and how many there are. */
export function shownPlaybooks(
  library: Library,
  selection: Selection,
  input: ExpressionInput,
  { playbook, all }: Pick<Question, 'playbook' | 'all'>,
): { readonly playbooks: readonly Compared[]; readonly total: number } {
  const compared = compareAll(library, selection, input);
  const matching = compared.filter(({ missed }) => missed === 0).length;
  const shown =
    playbook === undefined
      ? compared.slice(0, all ? compared.length : matching + mostNear)
      : compared.filter((one) => one.playbook === playbook);
  return { playbooks: shown, total: compared.length };
}

/** @throws InputError that names the playbook that was meant, for one that there is not. */
export function checkPlaybook({ playbooks }: Library, name: string | undefined): void {
  const names = playbooks.map((playbook) => playbook.name);
  if (name === undefined || names.includes(name)) return;
  const nearest = nearestWord(name, names);
  const meant = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  throw new InputError(
    `playbook: there is no playbook ${JSON.stringify(name)}${meant}`,
    'playbook',
  );
}
