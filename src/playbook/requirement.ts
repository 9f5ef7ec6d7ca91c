import type { LatestDeploy } from '../integrations/contract/deploys.js';
import { formatDuration, formatTime, lengthInWords } from '../lib/time.js';
import type { Clause } from './clauses.js';
import type { Requirement } from './playbook.js';

/** A requirement of which nothing has been read. */
export function uncheckedRequirement(required: Requirement): Clause {
  return {
    ...written(required),
    actual: 'not checked: the target was not read',
    outcome: 'unknown',
  };
}

/**
 * Holds a requirement against what is known of the target's deploys. Pure. A deploy after the start of the alert
 * cannot be its cause, and a history that does not reach back far enough tells nothing.
 */
export function requirementClause(
  required: Requirement,
  latest: LatestDeploy,
  startedAtMs: number,
): Clause {
  const clause = written(required);
  if (latest.kind === 'unknown') return { ...clause, actual: latest.detail, outcome: 'unknown' };
  const fromMs = startedAtMs - required.deployedWithinMs;
  if (latest.kind === 'none') {
    const since = formatTime(latest.sinceMs);
    return latest.sinceMs <= fromMs
      ? { ...clause, actual: `not deployed since ${since}`, outcome: 'missed' }
      : { ...clause, actual: `Jidoka knows its deploys only since ${since}`, outcome: 'unknown' };
  }
  const { atMs } = latest;
  const apart = lengthInWords(Math.abs(startedAtMs - atMs));
  const actual = `deployed ${apart} ${atMs <= startedAtMs ? 'before' : 'after'} the alert started`;
  const isMet = atMs >= fromMs && atMs <= startedAtMs;
  return { ...clause, actual, outcome: isMet ? 'met' : 'missed' };
}

function written({ deployedWithinMs }: Requirement) {
  const within = formatDuration(deployedWithinMs);
  return {
    clause: `requires: { deployed_within: ${within} }`,
    expected: `deployed at most ${within} before the alert started`,
  };
}
