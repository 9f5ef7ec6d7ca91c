/** What an attempt gives back when another worker changed what it had read. */
export const conflict = Symbol('conflict');

interface RetryOptions<T> {
  readonly maxAttempts?: number;
  /** What comes of it when every attempt met a conflict; left out: an error. */
  readonly giveUp?: () => T;
}

/**
 * Repeats a change by compare-and-set (read, change, commit) until an attempt meets no conflict.
 *
 * @param what is changed; the error names it
 * @param attempt reads everything again, and gets how many conflicts there were before it
 * @throws what `attempt` throws; an error when every attempt met a conflict.
 */
export async function retryOnConflict<T>(
  what: string,
  attempt: (conflicts: number) => Promise<T | typeof conflict>,
  { maxAttempts = 20, giveUp }: RetryOptions<T> = {},
): Promise<T> {
  for (let conflicts = 0; conflicts < maxAttempts; conflicts += 1) {
    const result = await attempt(conflicts);
    if (result !== conflict) return result;
  }
  if (giveUp !== undefined) return giveUp();
  throw new Error(`${what}: it changed during each of ${maxAttempts} attempts`);
}
