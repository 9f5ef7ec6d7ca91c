import type { Compared } from './compare.js';

/** As much of a playbook held against an alert as tells how near it is. */
export type Near = Pick<Compared, 'playbook' | 'standing' | 'ignore' | 'shared'> & {
  readonly clauses: readonly Pick<Compared['clauses'][number], 'clause' | 'actual' | 'outcome'>[];
};

/** The nearest playbook and what it lacks: `No playbook matches; nearest is …`. */
export function describeNearMiss(playbooks: readonly Near[]): string {
  if (playbooks.some(({ standing }) => standing === 'shadow')) return 'No playbook acts on it.';
  const nearest = playbooks.find(
    ({ standing, ignore, shared }) => standing === 'misses' && !ignore && shared > 0,
  );
  if (nearest === undefined) return 'No playbook matches, and none is a near miss.';
  return `No playbook matches; nearest is ${nearest.playbook}, which ${describeMissed(nearest)}.`;
}

/** `wants scale="up" but the alert has no such label` */
export function describeMissed({ clauses }: Pick<Near, 'clauses'>): string {
  const missed = clauses.find(({ outcome }) => outcome === 'missed' || outcome === 'failed');
  if (missed === undefined) return 'wants nothing more';
  const { clause, actual, outcome } = missed;
  if (outcome === 'failed') return `wants ${clause}, which fails: ${actual}`;
  if (actual === 'missing') return `wants ${clause} but the alert has no such label`;
  return `wants ${clause} but it is ${actual}`;
}
