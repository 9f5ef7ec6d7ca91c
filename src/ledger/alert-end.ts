import { targetLabels } from '../integrations/registry.js';
import type { Episode } from './episode.js';
import type { Escalation } from './escalation.js';
import type { Run } from './run.js';

/** How an alert came to its end, for the figures of a day. Each alert counts once. */
export const alertEnds = [
  /** A playbook changed something before the end, and no one was told or asked. */
  'by_machine',
  /** A person was told or asked, and a change that they chose or approved came before the end. */
  'by_click',
  /** A person was told or asked, and saw to it themselves, or it ended by itself. */
  'by_people',
  /** Nothing was changed, and no one was told. */
  'by_itself',
  /** A playbook says that it needs no one. */
  'ignored',
] as const;

export type AlertEnd = (typeof alertEnds)[number];

/** What hangs on a case of an alert: its latest run, its latest escalation, and the run that this one's answer let go. */
export interface AlertCase {
  readonly run: Run | null;
  readonly escalation: Escalation | null;
  readonly answered: Run | null;
}

/** How an alert that is over came to its end, as far as what was recorded says. */
export function endOfAlert(
  { closedAtMs, verdicts }: Pick<Episode, 'closedAtMs' | 'verdicts'>,
  cases: readonly AlertCase[],
): AlertEnd {
  const endMs = closedAtMs ?? Number.POSITIVE_INFINITY;
  const hasChanged = (run: Run | null) =>
    run?.attempts.some(
      ({ appliedAtMs, undo }) => !undo && appliedAtMs !== null && appliedAtMs <= endMs,
    ) === true;
  if (cases.some(({ answered }) => hasChanged(answered))) return 'by_click';
  if (cases.some(({ escalation }) => escalation !== null)) return 'by_people';
  if (cases.some(({ run }) => hasChanged(run))) return 'by_machine';
  return verdicts.some(({ fate }) => fate === 'ignored') ? 'ignored' : 'by_itself';
}

/** The labels by which alerts are listed as the same trouble: its name, and what it is about. */
export function troubleOf({ labels }: Pick<Episode, 'labels'>): Readonly<Record<string, string>> {
  const about = aboutLabels.find((name) => labels[name]);
  const names = about === undefined ? ['alertname'] : ['alertname', about];
  return Object.fromEntries(
    names.map((name) => [name, (labels[name] ?? '').slice(0, maxValueLength)]),
  );
}

const aboutLabels = [...targetLabels, 'job'];
/** Longer values are cut off: the list is kept by its texts. */
const maxValueLength = 200;
