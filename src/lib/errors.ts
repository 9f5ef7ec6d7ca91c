/**
 * Bad input from outside (a payload, a playbook, a setting). The message names the place, what was
 * expected and what to do; it may be shown to anyone who sent the input and never holds a secret.
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

/** Faults of the file system and the network by Node's code, in words. */
const systemFaults: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'address already in use',
  EAI_AGAIN: 'host name not resolved',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed by the other side',
  EHOSTUNREACH: 'host unreachable',
  EISDIR: 'is a directory',
  ENETUNREACH: 'network unreachable',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTFOUND: 'host name not found',
  EPERM: 'operation not permitted',
  EPIPE: 'connection closed by the other side',
  EROFS: 'read-only file system',
  ETIMEDOUT: 'no answer in time',
};

/** The text of anything that was thrown. Node's codes become words: `connection refused (127.0.0.1:6379)`. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return [...new Set(error.errors.map(messageOf))].join('; ');
  }
  // what Node's fetch throws says why only in its cause
  if (error instanceof TypeError && error.message === 'fetch failed' && error.cause !== undefined) {
    return messageOf(error.cause);
  }
  if (!(error instanceof Error)) return String(error);
  return systemFaultOf(error) ?? error.message;
}

function systemFaultOf(error: NodeJS.ErrnoException): string | undefined {
  const { code = '', syscall, path, address, port, hostname } = error as SystemError;
  const fault = systemFaults[code];
  if (fault === undefined || syscall === undefined) return undefined;
  const place = path ?? (port === undefined ? (address ?? hostname) : `${address}:${port}`);
  return place === undefined ? fault : `${fault} (${place})`;
}

type SystemError = NodeJS.ErrnoException & {
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
};
