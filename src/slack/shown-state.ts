import type { Redis } from 'ioredis';
import type { Write } from '../ledger/transaction.js';
import { shortHash } from '../lib/short-hash.js';
import type { MessageContent } from './message.js';
import type { Priority } from './rate-limiter.js';

/** How a message in Slack stands to what it should say. */
export interface ShownState {
  readonly isShown: boolean;
  /** How an edit stands to other messages: one that only adds evidence lets them pass. */
  readonly priority: Extract<Priority, 'normal' | 'yielding'>;
  /** The write that remembers that it was sent. */
  readonly known: Write;
}

/**
 * Compares a message with what was sent last.
 *
 * @param bare the same message without evidence
 */
export async function shownState(
  redis: Pick<Redis, 'hmget'>,
  record: string,
  content: MessageContent,
  bare: MessageContent,
): Promise<ShownState> {
  const [shown, shownBare] = [hashOf(content), hashOf(bare)];
  const [before, beforeBare] = await redis.hmget(record, 'shown', 'shownBare');
  return {
    isShown: shown === before,
    priority: shownBare === beforeBare ? 'yielding' : 'normal',
    known: ['HSET', record, 'shown', shown, 'shownBare', shownBare],
  };
}

/** By which a message that shows what it should is told from one that does not. */
export function hashOf(content: MessageContent): string {
  return shortHash(JSON.stringify(content));
}
