import type { GivenAlert } from '../../alertmanager/given-alerts.js';
import { InputError } from '../../lib/errors.js';
import { type Compared, comparePlaybooks } from '../../playbook/compare.js';
import type { Library } from '../../playbook/library.js';
import type { AlertInput } from '../../playbook/playbook.js';
import { nearestWord } from '../../playbook/problem.js';
import type { Selection } from '../../playbook/select.js';

/** What a person asks. */
export interface Question {
  readonly alerts: readonly GivenAlert[];
  /** Only this playbook; left out, all that match and the nearest others. */
  readonly playbook?: string | undefined;
  /** All playbooks, however far from the alert. */
  readonly all: boolean;
}

/** How many playbooks that do not match are shown unless all are asked for. */
const maxNear = 10;

/** The playbooks to show, and how many there are. */
export function shownPlaybooks(
  library: Library,
  selection: Selection,
  input: AlertInput,
  { playbook, all }: Pick<Question, 'playbook' | 'all'>,
): { readonly playbooks: readonly Compared[]; readonly total: number } {
  const near = all ? library.playbooks.length : maxNear;
  const playbooks = comparePlaybooks(library, selection, input, { only: playbook, maxNear: near });
  return { playbooks, total: library.playbooks.length };
}

/** @throws InputError for a playbook that there is not (it names the one that was meant), and for too much. */
export function checkQuestion(
  { playbooks }: Library,
  { alerts, playbook: name, all }: Question,
): void {
  if (all && alerts.length > 1) {
    const message = `all: expected one alert where all playbooks are shown, got ${alerts.length}`;
    throw new InputError(message, 'all');
  }
  const names = playbooks.map((playbook) => playbook.name);
  if (name === undefined || names.includes(name)) return;
  const nearest = nearestWord(name, names);
  const meant = nearest === undefined ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
  throw new InputError(
    `playbook: no playbook is named ${JSON.stringify(name)}${meant}`,
    'playbook',
  );
}
