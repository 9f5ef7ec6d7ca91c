import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Episode } from '../../ledger/episode.js';
import type { Ledger } from '../../ledger/ledger.js';
import { cursorOf, readNewest } from '../../ledger/newest-first.js';

/** Which alerts are looked at. */
export interface AlertRange {
  /** The `next` of an earlier search; `undefined`: from the newest on. */
  readonly before?: string | undefined;
  /** Only those that began to fire then; left out, all that are kept. */
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** What was found, newest first. */
export interface FoundAlerts {
  readonly items: readonly Episode[];
  /** How many alerts were looked at. */
  readonly looked: number;
  /** When the oldest of them began to fire; `null`: none was looked at. */
  readonly backToMs: number | null;
  /** Pass as `before` to search further back; `null`: that was all. */
  readonly next: string | null;
}

/** The most alerts that are looked at in one search, and found. */
const maxLooked = 1_000;
const maxFound = 50;
const atOnce = 250;

/**
 * Searches the alerts that the ledger keeps, newest first, until enough are found or enough were looked
 * at. It goes in steps and lets others in between, so that a search holds up nothing.
 *
 * @throws InputError for an unknown `before`; whatever Redis or `matches` throws.
 */
export async function searchAlerts(
  ledger: Ledger,
  { before, ...range }: AlertRange,
  matches: (episode: Episode) => boolean,
): Promise<FoundAlerts> {
  const items: Episode[] = [];
  let looked = 0;
  let next = before ?? null;
  let backToMs: number | null = null;
  while (looked < maxLooked) {
    const request = { ...range, limit: atOnce, before: next ?? undefined };
    const { members, isLast } = await readNewest(ledger.redis, ledger.keys.episodes, request);
    const episodes = await ledger.episodesById(members.map(({ id }) => id));
    for (const [index, member] of members.entries()) {
      const episode = episodes[index];
      looked += 1;
      backToMs = member.score;
      next = cursorOf(member);
      if (episode != null && matches(episode)) items.push(episode);
      const isEnd = isLast && index === members.length - 1;
      if (items.length >= maxFound && !isEnd) return { items, looked, backToMs, next };
    }
    if (isLast) return { items, looked, backToMs, next: null };
    await yieldToOthers();
  }
  return { items, looked, backToMs, next };
}
