import type { Labels } from '../alertmanager/alert.js';
import type { ActivePlaybooks } from '../engine/context/context.js';
import { noneMet, selectPlaybooks } from '../playbook/select.js';

/** The alert that a draft was made from, as its matchers and expressions read it. */
export interface DraftedFor {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly workerAsg: string;
}

/** The name of the playbook that takes an alert first; `null`: none does, and a person is asked. */
export function takerOf(
  { library }: Pick<ActivePlaybooks, 'library'>,
  { labels, annotations, workerAsg }: DraftedFor,
): string | null {
  const input = { labels, annotations, worker_asg: workerAsg };
  // one that requires something of its target takes such an alert now and then
  const { selected } = selectPlaybooks(library, input, noneMet);
  return selected[0]?.name ?? null;
}
