import { messageOf } from '../lib/errors.js';
import { sentence } from '../lib/sentence.js';
import { isConnectionLost, isRedisFault } from './redis-fault.js';

/** Why Redis does not do what it is asked for, in words for people. */
export interface RedisRefusal {
  /** What it does not do, and why; with Redis' own code. */
  readonly text: string;
  /** What to do about it. */
  readonly advice: string;
  /** What Redis answered. */
  readonly answer: string;
}

const maxNamed = 8;
const unknownCommand = /unknown command '?([\w|]+)/i;

type Explanation = Pick<RedisRefusal, 'text' | 'advice'>;

const allowed = '~{CELL}:* +@all -@dangerous +info, with the cell (JIDOKA_CELL) for CELL';

/** By the beginning of the answer; the first that fits counts. */
const explanations: readonly (readonly [answer: RegExp, Explanation])[] = [
  [
    /^MISCONF.*\bAOF\b/,
    {
      text: 'it refuses writes: it could not write its append-only file (MISCONF, aof_last_write_status)',
      advice: "make room on its disk or make its folder writable; Redis' own log says what failed",
    },
  ],
  [
    /^MISCONF/,
    {
      text: 'it refuses writes: its last snapshot to the disk failed (MISCONF, rdb_last_bgsave_status)',
      advice:
        "make room on its disk or make its folder writable; Redis' own log says what failed. With appendonly yes it needs no snapshots: CONFIG SET save ''",
    },
  ],
  [
    /^OOM/,
    {
      text: 'it refuses writes: its memory is full (OOM)',
      advice: 'raise its maxmemory, or remove what else is stored in it',
    },
  ],
  [
    /^NOREPLICAS/,
    {
      text: 'it refuses writes: fewer replicas follow it than min-replicas-to-write asks for (NOREPLICAS)',
      advice: 'start the missing replicas again, or lower min-replicas-to-write',
    },
  ],
  [
    /^READONLY/,
    {
      text: 'it refuses writes: it is a replica (READONLY)',
      advice: 'set REDIS_URL to the master',
    },
  ],
];

/**
 * Explains the answer with which Redis refused something.
 *
 * @param answer the message of the error that the answer was
 */
export function explainRefusal(answer: string): RedisRefusal {
  const [, known] = explanations.find(([pattern]) => pattern.test(answer)) ?? [];
  return {
    ...(known ?? permission(answer) ?? command(answer) ?? other(answer)),
    answer: answer.replace(/\.$/, ''),
  };
}

/**
 * Says why Redis cannot be used, and what to do.
 *
 * @param where the Redis, as people know it
 */
export function unusable(where: string, { text, advice }: Explanation): string {
  return `${where} cannot be used: ${text}. ${sentence(advice)}`;
}

/**
 * Describes a fault of Redis for anyone who starts an engine.
 *
 * @returns `undefined` for the fault of anything else.
 */
export function describeRedisFault(error: unknown): string | undefined {
  if (!isRedisFault(error)) return undefined;
  const answer = messageOf(error);
  if (isConnectionLost(error)) return `Redis (REDIS_URL) does not answer: ${answer}`;
  return unusable('Redis (REDIS_URL)', explainRefusal(answer));
}

/**
 * Explains that the user of REDIS_URL may not run some commands.
 *
 * @param commands their names
 */
export function explainDenied(commands: readonly string[]): RedisRefusal {
  const names = someOf(commands);
  return {
    answer: `NOPERM: ${names}`,
    text: `this user may not run ${names} (NOPERM)`,
    advice: `allow the user in REDIS_URL what the work needs: ACL SETUSER … ${allowed}`,
  };
}

/**
 * Explains that Redis does not know some commands.
 *
 * @param commands their names
 */
export function explainUnknown(commands: readonly string[]): RedisRefusal {
  const names = someOf(commands);
  return {
    answer: `unknown command: ${names}`,
    text: `it does not know ${names}`,
    advice:
      'take it out of rename-command in redis.conf, or set REDIS_URL to a Redis, without a proxy that leaves commands out',
  };
}

/** The first few commands: `get, set and 7 more`. */
function someOf(commands: readonly string[]): string {
  const left = commands.length - maxNamed;
  const shown = commands.slice(0, maxNamed).join(', ').toLowerCase();
  return left > 0 ? `${shown} and ${left} more` : shown;
}

function permission(answer: string): Explanation | undefined {
  const [, name] = /^NOPERM .*\brun the '([^']+)'/.exec(answer) ?? [];
  if (name !== undefined) return explainDenied([name]);
  if (!/^NOPERM|user executing the script can't/.test(answer)) return undefined;
  const isKeys = /\bkeys?\b/.test(answer);
  return {
    text: `this user may not ${isKeys ? "use the cell's keys" : 'do what the work needs'} (NOPERM)`,
    advice: explainDenied([]).advice,
  };
}

/** Whether an answer says that there is no such command. */
export function isUnknownCommand(answer: string): boolean {
  return unknownCommand.test(answer);
}

function command(answer: string): Explanation | undefined {
  const [, name] = unknownCommand.exec(answer) ?? [];
  return name === undefined ? undefined : explainUnknown([name]);
}

function other(answer: string): Explanation {
  return {
    text: `it refuses what the work needs: ${answer}`,
    advice: "look at Redis' own log, and try again when it has loaded and is reachable",
  };
}
