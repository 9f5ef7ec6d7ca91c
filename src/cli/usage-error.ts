/** A usage error: a bad value of an option, or a missing path. It ends with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
