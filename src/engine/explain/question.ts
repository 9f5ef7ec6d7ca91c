import type { ManualRun } from '../../alertmanager/command.js';
import type { GivenAlert } from '../../alertmanager/given-alerts.js';
import { InputError } from '../../lib/errors.js';
import { type Compared, comparePlaybooks } from '../../playbook/compare.js';
import { manualLabels } from '../../playbook/label-fields.js';
import type { Library } from '../../playbook/library.js';
import type { AlertInput } from '../../playbook/playbook.js';
import { unknownPlaybook } from '../../playbook/problem.js';
import type { Selection } from '../../playbook/select.js';

/** What a person asks. */
export interface Question {
  readonly alerts: readonly GivenAlert[];
  /** Only this playbook; left out, all that match and the nearest others. */
  readonly playbook?: string | undefined;
  /** All playbooks, however far from the alert. */
  readonly all: boolean;
}

/** An alert that is asked about, with the run by hand that it would be. */
export interface AskedAlert extends GivenAlert {
  readonly manual?: ManualRun;
}

/** An alert of the source `manual` as a request to run the playbook that is asked about would have it. */
export function asAsked(
  library: Library,
  alert: GivenAlert,
  { playbook: name = '' }: Pick<Question, 'playbook'>,
): AskedAlert {
  const playbook = library.named(name);
  if (alert.source !== 'manual' || playbook === undefined) return alert;
  const labels = manualLabels(playbook, alert.labels);
  return { ...alert, labels, manual: { key: '', playbook: name, by: '', why: '' } };
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
export function checkQuestion(library: Library, { alerts, playbook: name, all }: Question): void {
  if (all && alerts.length > 1) {
    const message = `all: expected one alert where all playbooks are shown, got ${alerts.length}`;
    throw new InputError(message, 'all');
  }
  if (name === undefined || library.named(name) !== undefined) return;
  throw new InputError(`playbook: ${unknownPlaybook(name, library)}`, 'playbook');
}
