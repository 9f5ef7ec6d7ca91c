import { messageOf } from '../../lib/errors.js';
import { TargetError, type TargetErrorKind } from '../contract/target-error.js';
import { neverSent } from '../contract/transport.js';

/** One call to the engine, for its error. */
export interface SwarmCall {
  /** `reading service web`. */
  readonly what: string;
  /** Whether the call was to change something: then a lost answer is not the same as nothing happened. */
  readonly effect: 'read' | 'change';
  /** The engine's address. */
  readonly where: string;
}

/**
 * Sorts what dockerode throws by what may be done about it. Swarm answers 500 for nearly everything,
 * so its words have to be read; what is not recognised counts as the worse of the two possibilities.
 */
export function swarmError(error: unknown, { what, effect, where }: SwarmCall): TargetError {
  if (error instanceof TargetError) return error;
  const status = statusOf(error);
  const said = saidBy(error);
  const { kind, hint } =
    status === undefined ? sortTransport(error, effect) : sortAnswer(status, said, effect);
  const answered = status === undefined ? said : `${status} ${said}`;
  return new TargetError(kind, `Docker Swarm (${where}): ${what}: ${answered}${hint ?? ''}`, {
    cause: error,
  });
}

/** The HTTP status that dockerode puts on its errors; `undefined` where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

interface Sorted {
  readonly kind: TargetErrorKind;
  readonly hint?: string;
}

function sortAnswer(status: number, said: string, effect: 'read' | 'change'): Sorted {
  if (status === 404) return { kind: 'not_found' };
  if (status === 401 || status === 403) {
    return {
      kind: 'forbidden',
      hint: '; a socket proxy must allow SERVICES, TASKS and, for changes, POST',
    };
  }
  if (status === 503) {
    return { kind: 'unavailable', hint: '; DOCKER_HOST must be a manager of the Swarm' };
  }
  if (status < 500 || status === 501) return { kind: 'invalid' };
  if (said.includes('update out of sequence')) return { kind: 'stale' };
  // Refused before it was proposed. "lost leader status" is another matter: that may have been applied.
  if (said.includes('does not have a leader')) return { kind: 'unavailable' };
  return { kind: effect === 'read' ? 'unavailable' : 'unknown' };
}

const certificateFault = /CERT|TLS|SSL|UNABLE_TO_/;

function sortTransport(error: unknown, effect: 'read' | 'change'): Sorted {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (neverSent(error)) {
    return code === 'EACCES' || code === 'EPERM'
      ? { kind: 'forbidden', hint: '; this user may not use the socket' }
      : { kind: 'unavailable', hint: '; check that the engine runs, and DOCKER_HOST' };
  }
  if (effect === 'change') return { kind: 'unknown', hint: '; the change may have been applied' };
  return certificateFault.test(code)
    ? { kind: 'forbidden', hint: '; see DOCKER_TLS_VERIFY and DOCKER_CERT_PATH' }
    : { kind: 'unavailable' };
}

const longestWords = 300;
const prefix = /^\(HTTP code \d+\) [^-]* - /;

/** The engine's own words: without dockerode's prefix, in one line, cut where they run on. */
function saidBy(error: unknown): string {
  const json = error instanceof Error && 'json' in error ? error.json : undefined;
  const message =
    typeof json === 'object' && json !== null && 'message' in json ? json.message : undefined;
  const words = typeof message === 'string' ? message : messageOf(error).replace(prefix, '');
  return words.replace(/\s+/g, ' ').trim().slice(0, longestWords);
}

/** Whether a failed call found no engine's socket at all: there is no Docker on this machine. */
export function hasNoSocket(error: unknown): boolean {
  const cause = error instanceof TargetError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
