/** Answers of Redis that say nothing of the command, only that the server cannot take it now. */
const refusals =
  /\b(OOM|READONLY|MISCONF|LOADING|CLUSTERDOWN|MASTERDOWN|NOREPLICAS|TRYAGAIN|BUSY)\b/;

const clientFaults: ReadonlySet<string> = new Set(['MaxRetriesPerRequestError', 'AbortError']);

const lostConnection =
  /^(Connection is closed\.|Command timed out|Stream isn't writeable|Socket closed|connect ETIMEDOUT)/;

const socketFaults: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
]);

/**
 * Whether something failed because Redis is away, is slow or refuses writes for now. What was to be
 * done is still to be done; the agenda has it when Redis is back.
 */
export function isRedisFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'ReplyError') return refusals.test(error.message);
  if (clientFaults.has(error.name) || lostConnection.test(error.message)) return true;
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall !== undefined && code !== undefined && socketFaults.has(code);
}
