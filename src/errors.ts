/**
 * Bad input from outside (a payload, a playbook, a setting). The message names the place, what was
 * expected and what to do; it may be shown to whoever sent the input and never holds a secret.
 */
export class InputError extends Error {
  override readonly name = 'InputError';

  constructor(
    message: string,
    /** Where the fault is: a JSON path (`alerts[3].startsAt`), a `file:line:column`, a variable. */
    readonly path: string,
  ) {
    super(message);
  }
}

/** A part that Jidoka needs (Redis, a package, a port) is missing or does not answer. */
export class PartMissingError extends Error {
  override readonly name = 'PartMissingError';
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  // what Node's fetch throws says why only in its cause
  if (error instanceof TypeError && error.message === 'fetch failed' && error.cause !== undefined) {
    return messageOf(error.cause);
  }
  return error instanceof Error ? error.message : String(error);
}
