import { clockFault, ledgerFault } from './fence.js';

/**
 * The codes with which Redis refuses commands because of its own state, whatever they ask for: no
 * memory, no disk, no majority, starting, being a replica, keys that move to another node of a
 * cluster, or rights that someone took away; and those of our own fence, which keeps an engine from acting.
 * (redis.io/docs, and `createSharedObjects` in src/server.c)
 */
const refusals: ReadonlySet<string> = new Set([
  'ASK',
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'UNKILLABLE',
  'WRONGPASS',
  clockFault,
  ledgerFault,
]);

/** What ioredis says of commands whose connection is gone, where it has no error class for it. */
const lostWords = /^(Connection is closed|Stream isn't writeable|Command timed out)/;
const lostNames: ReadonlySet<string> = new Set(['AbortError', 'MaxRetriesPerRequestError']);
const lostCalls: ReadonlySet<string> = new Set(['connect', 'read', 'write', 'getaddrinfo']);

/** Whether an error only says that there is no connection to Redis at present. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionLost);
  if (!(error instanceof Error)) return false;
  if (lostNames.has(error.name) || lostWords.test(error.message)) return true;
  return 'syscall' in error && lostCalls.has(String(error.syscall));
}

/** What a script is told in the middle of a slot's move, where a code stands at other refusals. */
const movingWords = /attempted to access a non local key in a cluster node/;

/** What a script is told of a command that this user may not run, or that this Redis has not: without a code. */
const deniedWords = /user executing the script can't|unknown (redis )?command/i;

/** Whether our own fence refused a transaction: whatever keeps this engine from acting is told elsewhere. */
export function isFenced(error: unknown): boolean {
  return error instanceof Error && [clockFault, ledgerFault].includes(codeOf(error));
}

function codeOf({ message }: Error): string {
  return message.split(' ', 1)[0] ?? '';
}

/** Whether it was Redis that failed and not the work: the same work may succeed when Redis is well. */
export function isRedisFault(error: unknown): boolean {
  if (isConnectionLost(error)) return true;
  if (!(error instanceof Error) || error.name !== 'ReplyError') return false;
  if (movingWords.test(error.message) || deniedWords.test(error.message)) return true;
  // a script that is refused half-way has the code inside its message
  return error.message.split(/\W+/).some((word) => refusals.has(word));
}
