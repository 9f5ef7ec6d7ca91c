/** A call took longer than it was given. Whether it arrived is not known from this alone. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';

  constructor(readonly timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

/**
 * Runs a call that gets `timeoutMs` in all, connecting and reading the whole answer included. The
 * signal is aborted when the time is up. It rejects at that moment even if the call never settles,
 * as a dockerode call does whose connection breaks in the middle of an answer.
 *
 * @throws DeadlineError when the time is up, else whatever the call throws.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DeadlineError(timeoutMs));
      abort.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([call(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}

const connectCalls = new Set(['connect', 'getaddrinfo']);

/**
 * Whether an error of `node:net` came before there was a connection, so that nothing can have been
 * sent. `false` means "not known": a reset or an end of a connection says nothing about the request.
 */
export function neverSent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) {
    return error.errors.length > 0 && error.errors.every(neverSent);
  }
  return 'syscall' in error && connectCalls.has(String(error.syscall));
}
