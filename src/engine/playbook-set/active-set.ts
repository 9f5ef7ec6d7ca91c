import { retentionMs } from '../../ledger/codec.js';
import type { Ledger } from '../../ledger/ledger.js';
import { conflict, retryOnConflict } from '../../ledger/retry-on-conflict.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { ActivePlaybooks } from '../context/context.js';
import { packTexts, unpackTexts } from './codec.js';
import type { OwnPlaybooks, PlaybookChecker } from './playbook-checker.js';

/** By which way a set came to be published; the audit trail says it. */
export type PublishedBy =
  | 'start'
  | 'ledger replaced'
  | 'folder changed'
  | 'lesson'
  | 'SIGHUP'
  | 'POST /-/reload';

/** How soon a set that another worker activated is taken over. */
export const followEveryMs = 2_000;

const shownDigits = 12;
/** How many items one command puts on the schedule; Lua takes no more than some thousands of arguments. */
const itemConcurrency = 1_000;

export type ActiveSet = ReturnType<typeof createActiveSet>;

/**
 * The one set of playbooks that a cell decides with. It is in Redis under its hash, so that all
 * workers decide alike, whatever their folders hold. The worker that started last, or whose folder
 * changed last, has put it there.
 */
export function createActiveSet({
  ledger,
  check,
  own: ownAtStart,
  clock,
  log,
}: {
  readonly ledger: Ledger;
  readonly check: PlaybookChecker;
  readonly own: OwnPlaybooks;
  readonly clock: Clock;
  readonly log: Logger;
}) {
  const { redis, keys } = ledger;
  let own = ownAtStart;
  let current: OwnPlaybooks = own;
  /** The active set that this process cannot use; it is not parsed again. */
  let refused: { readonly hash: string; readonly fault: string } | null = null;

  /** Makes a set from our own folder the active one. Throws what Redis throws. */
  async function publish(set: OwnPlaybooks, by: PublishedBy): Promise<void> {
    await activate(set, by);
    own = set;
    current = set;
    refused = null;
  }

  /** Makes the set that decides here the active one of a ledger that knows none. Throws what Redis throws. */
  async function publishAgain(): Promise<void> {
    await activate(current, 'ledger replaced');
  }

  async function activate(set: OwnPlaybooks, by: PublishedBy): Promise<void> {
    let packed: string | undefined;
    await retryOnConflict('the active playbooks', async () => {
      const before = await redis.get(keys.activePlaybooks);
      if (before === set.hash) return undefined;
      packed ??= await packTexts(set.texts);
      const nowMs = clock.now();
      const key = keys.activePlaybooks;
      const check: Check =
        before === null ? { kind: 'absent', key } : { kind: 'string', key, value: before };
      const replaced: Write[] =
        before === null ? [] : [['PEXPIRE', keys.playbookSet(before), retentionMs]];
      const result = await ledger.commit({
        checks: [check],
        writes: [
          ...replaced,
          ['SET', keys.playbookSet(set.hash), packed],
          ['SET', key, set.hash],
          ...(await lookAtHeld(nowMs)),
          ledger.audit({
            atMs: nowMs,
            subject: 'cell',
            id: 'playbooks',
            event: 'activated',
            detail: `${set.hash} instead of ${before ?? 'none'} (${by})`,
          }),
        ],
        nowMs,
      });
      return result.kind === 'committed' ? undefined : conflict;
    });
  }

  /** Has the sweep look at all that is held: another set may decide otherwise. */
  async function lookAtHeld(nowMs: number): Promise<Write[]> {
    const held = await redis.zrange(keys.held, '0', '-1');
    const writes: Write[] = [];
    for (let start = 0; start < held.length; start += itemConcurrency) {
      const some = held.slice(start, start + itemConcurrency);
      const items = some.flatMap((identity) => [nowMs, scheduleItem('episode', identity)]);
      writes.push(['ZADD', keys.schedule, 'XX', 'LT', ...items]);
    }
    return writes;
  }

  /**
   * Takes over the active set if it has changed. One that cannot be used here (a newer version of
   * the engine may have published it) leaves the old one, and is told once.
   */
  async function follow(): Promise<void> {
    const hash = await redis.get(keys.activePlaybooks);
    if (hash === null || hash === current.hash) {
      refused = null;
      return;
    }
    if (hash === refused?.hash) return;
    const before = current;
    const text = await redis.get(keys.playbookSet(hash));
    const taken = text === null ? 'its files are not in Redis' : await parsed(text, hash);
    // a set of our own was published meanwhile, or a later one taken over
    if (current !== before) return;
    if (typeof taken === 'string') {
      refused = { hash, fault: taken };
      log.error({ set: hash, fault: taken }, 'active playbooks refused by this engine');
      return;
    }
    refused = null;
    // meanwhile it may have been taken over by this engine's own reload
    if (taken.hash === current.hash) return;
    log.info({ set: hash, before: current.hash }, 'active playbooks adopted');
    current = taken;
  }

  /** The set, or why it cannot be used. */
  async function parsed(text: string, hash: string): Promise<OwnPlaybooks | string> {
    const texts = await unpackTexts(text).catch((error: unknown) => messageOf(error));
    if (typeof texts === 'string') return `its files cannot be read: ${texts}`;
    const checked = await check(texts);
    if (checked.kind === 'bad') return checked.problems.join('\n');
    if (checked.set.hash !== hash) return `its files have the hash ${checked.set.hash}`;
    return checked.set;
  }

  /** Which set decides here, in a sentence. */
  function describe(): string {
    const inUse = `set ${short(current.hash)}`;
    if (refused !== null) {
      return `${inUse}; active playbooks refused by this engine ${short(refused.hash)}: ${refused.fault}`;
    }
    if (current.hash === own.hash) return inUse;
    return `${inUse} of another engine; the folder here holds set ${short(own.hash)}, which is not active`;
  }

  return { publish, publishAgain, follow, describe, active: (): ActivePlaybooks => current };
}

function short(hash: string): string {
  return hash.slice(0, shownDigits);
}
