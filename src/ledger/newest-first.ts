import type { Redis } from 'ioredis';
import { InputError } from '../lib/errors.js';

/** A member of a sorted set of ids by time. */
export interface Member {
  readonly id: string;
  /** Its time in milliseconds. */
  readonly score: number;
}

/** What is wanted of a sorted set. */
export interface MembersRequest {
  readonly limit: number;
  /** The cursor behind which to go on (`cursorOf`); `undefined`: from the newest on. */
  readonly before: string | undefined;
  /** Only members of these times; left out, of all. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/**
 * The newest members of a sorted set, newest first. It is stable while members come and go: the cursor is
 * a score and a member.
 *
 * @throws InputError for a cursor that `cursorOf` never gave; whatever ioredis throws.
 */
export async function readNewest(
  redis: Redis,
  key: string,
  { limit, before, sinceMs, untilMs }: MembersRequest,
): Promise<{ readonly members: readonly Member[]; readonly isLast: boolean }> {
  const after = before === undefined ? null : readCursor(before);
  const size = limit + 1;
  const found: Member[] = [];
  const max = Math.min(
    after?.score ?? Number.POSITIVE_INFINITY,
    untilMs ?? Number.POSITIVE_INFINITY,
  );
  for (let offset = 0; ; offset += size) {
    const read = paired(
      await redis.zrevrangebyscore(
        key,
        Number.isFinite(max) ? max : '+inf',
        sinceMs ?? '-inf',
        'WITHSCORES',
        'LIMIT',
        offset,
        size,
      ),
    );
    found.push(...read.filter((member) => after === null || isAfter(member, after)));
    if (found.length > limit || read.length < size) break;
  }
  return { members: found.slice(0, limit), isLast: found.length <= limit };
}

/** What to give as `before` to go on behind a member. */
export function cursorOf({ score, id }: Member): string {
  return `${score}.${id}`;
}

function paired(answer: readonly string[]): Member[] {
  const found: Member[] = [];
  for (let index = 0; index + 1 < answer.length; index += 2) {
    found.push({ id: answer[index] ?? '', score: Number(answer[index + 1]) });
  }
  return found;
}

/** Whether a member comes later than another where Redis lists the highest score, then name, first. */
function isAfter(member: Member, other: Member): boolean {
  return member.score === other.score ? member.id < other.id : member.score < other.score;
}

function readCursor(text: string): Member {
  const [, score, id] = /^(\d{1,16})\.(.+)$/.exec(text) ?? [];
  if (score === undefined || id === undefined) throw unknownCursor();
  return { id, score: Number(score) };
}

/** What is thrown for a `before` that no page gave. */
export function unknownCursor(): InputError {
  return new InputError('before: expected the "next" of an earlier page of this list', 'before');
}
