import type { Clock } from '../lib/clock.js';
import { SlackError } from './error.js';

/**
 * Remembers what Slack said about people, so that not every click asks again, and so that Slack may be
 * away for a short time. Only what failed in passing is made up for by an older answer; a refusal
 * (no such group, a scope that is missing) is an answer, too.
 *
 * @param options.freshMs how long an answer is not asked for again
 * @param options.usableMs how old an answer may be where Slack cannot be asked
 */
export function createStaleCache<Value>({
  read,
  freshMs,
  usableMs,
  clock,
}: {
  readonly read: (key: string) => Promise<Value>;
  readonly freshMs: number;
  readonly usableMs: number;
  readonly clock: Clock;
}): (key: string) => Promise<Value> {
  const answers = new Map<string, { readonly value: Value; readonly atMs: number }>();
  const asking = new Map<string, Promise<Value>>();

  async function ask(key: string): Promise<Value> {
    try {
      const value = await read(key);
      answers.delete(key);
      answers.set(key, { value, atMs: clock.now() });
      const [oldest] = answers.keys();
      if (answers.size > maxAnswers && oldest !== undefined) answers.delete(oldest);
      return value;
    } catch (error) {
      const known = answers.get(key);
      const isPassing = error instanceof SlackError && error.kind !== 'refused';
      if (isPassing && known !== undefined && clock.now() - known.atMs <= usableMs) {
        return known.value;
      }
      throw error;
    }
  }

  return async (key) => {
    const known = answers.get(key);
    if (known !== undefined && clock.now() - known.atMs < freshMs) return known.value;
    const running = asking.get(key) ?? ask(key).finally(() => asking.delete(key));
    asking.set(key, running);
    return running;
  };
}

const maxAnswers = 200;
