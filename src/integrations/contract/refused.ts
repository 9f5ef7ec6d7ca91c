import type { Plan } from './action.js';

/** A plan that is refused for good. */
export function refused(detail: string): Plan {
  return { kind: 'refused', reason: 'unsupported', detail };
}
