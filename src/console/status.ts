import { executed } from '../ledger/pipeline.js';
import type { ConsoleParts } from './parts.js';

/** What the head of each page says of the engine. */
export interface EngineStatus {
  /** How many escalations are open; `null`: Redis did not answer. */
  readonly open: number | null;
  /** Whether a person has paused everything. */
  readonly isPaused: boolean;
  /** The checks that fail or are unsafe; `null`: they could not be asked. */
  readonly faults: readonly string[] | null;
}

/** Reads what the head of a page says, in one round trip. Never throws: a page of an error has a head, too. */
export async function readStatus(
  parts: Pick<ConsoleParts, 'ledger' | 'health' | 'clock'>,
): Promise<EngineStatus> {
  const { ledger, health, clock } = parts;
  const { redis, keys } = ledger;
  const [counts, checks] = await Promise.all([
    attempt(() =>
      executed(redis.pipeline().zcard(keys.openEscalations).hget(keys.pauses, 'everything')),
    ),
    attempt(health),
  ]);
  const pause = (counts?.[1] ?? null) as string | null;
  const faults = checks?.filter(({ state }) => state === 'bad' || state === 'unsafe');
  return {
    open: counts === null ? null : Number(counts[0]),
    isPaused: pause !== null && lasts(JSON.parse(pause), clock.now()),
    faults: faults?.map(({ name }) => name) ?? null,
  };
}

function lasts({ untilMs }: { readonly untilMs: number | null }, nowMs: number): boolean {
  return untilMs === null || untilMs > nowMs;
}

async function attempt<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch {
    return null;
  }
}
