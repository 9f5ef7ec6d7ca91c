/**
 * Why an update of the service has to be left alone; `undefined` where there is none. Scaling is an
 * update itself: it overwrites the specification to roll back to and resumes a paused rollout. (moby#37693)
 */
export function rolloutOf(updateState: string | undefined): string | undefined {
  if (updateState === undefined) return undefined;
  if (updateState === 'completed' || updateState === 'rollback_completed') return undefined;
  if (updateState.endsWith('paused')) {
    return `its rollout is ${updateState}, and scaling would resume it; finish it or roll it back`;
  }
  return `a rollout is in progress (${updateState})`;
}
