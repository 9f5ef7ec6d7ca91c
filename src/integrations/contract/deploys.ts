import type { Target } from './change.js';

/**
 * What is known of the latest deploy of a target: a change of its image, or of other settings that its tasks
 * are made of. Scaling and restarting are none.
 */
export type LatestDeploy =
  /** It was deployed then, and not since. */
  | { readonly kind: 'deployed'; readonly atMs: number }
  /** It was not deployed since then. What was before is not known. */
  | { readonly kind: 'none'; readonly sinceMs: number }
  /** It cannot be told. Waiting is no use. */
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * Tells the latest deploy of a target as it was observed.
 *
 * @throws TargetError `unavailable` where it may be told later, and what reading the history throws.
 */
export type ReadLatestDeploy = (observed: {
  readonly target: Target;
  readonly version: string | null;
}) => Promise<LatestDeploy>;
