import type { LoadedPlaybooks } from '../load.js';
import type { PlaybookProblem } from '../problem.js';
import { callsLabel } from './calls-label.js';
import { fighting } from './fighting.js';
import { jobsWithoutImage } from './jobs-without-image.js';
import { policyBounds } from './policy-bounds.js';
import { shadowed } from './shadowed.js';
import { unreachable } from './unreachable.js';

/**
 * What the engine takes but its author hardly meant. Each is certain: where it cannot be told, nothing
 * is said.
 */
export function findWarnings({
  parsed,
  policy,
}: Pick<LoadedPlaybooks, 'parsed' | 'policy'>): PlaybookProblem[] {
  return [
    ...shadowed(parsed),
    ...fighting(parsed),
    ...unreachable(parsed, policy),
    ...callsLabel(parsed),
    ...policyBounds(parsed, policy),
    ...jobsWithoutImage(parsed),
  ];
}
