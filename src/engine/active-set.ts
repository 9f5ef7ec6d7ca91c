import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Ledger } from '../ledger/ledger.js';
import { retentionMs } from '../ledger/record-form.js';
import type { Check, Write } from '../ledger/transaction.js';
import type { Logger } from '../logger.js';
import type { OwnPlaybooks, PlaybookChecker } from './own-playbooks.js';
import type { ActivePlaybooks } from './parts.js';
import { packTexts, unpackTexts } from './set-texts.js';

/** By which way a set came to be published; the audit trail says it. */
export type PublishedBy = 'start' | 'folder changed' | 'lesson' | 'SIGHUP' | 'POST /-/reload';

/** How soon a set that another worker activated is taken over. */
export const followEveryMs = 2_000;

const mostConflicts = 20;
const shownDigits = 12;
/** How many items one command puts on the agenda; Lua takes no more than some thousands of arguments. */
const itemsAtOnce = 1_000;

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
  let current: ActivePlaybooks = own;
  /** The active set that this process cannot use; it is not parsed again. */
  let refused: { readonly hash: string; readonly fault: string } | null = null;

  /** Makes a set from our own folder the active one. Throws what Redis throws. */
  async function publish(set: OwnPlaybooks, by: PublishedBy): Promise<void> {
    await activate(set, by);
    own = set;
    current = set;
    refused = null;
  }

  async function activate(set: OwnPlaybooks, by: PublishedBy): Promise<void> {
    let packed: string | undefined;
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      const before = await redis.get(keys.activePlaybooks);
      if (before === set.hash) return;
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
      if (result.kind === 'committed') return;
    }
    throw new Error('other workers activate their playbooks faster than this one');
  }

  /** Has the sweep look at all that is held: another set may decide otherwise. */
  async function lookAtHeld(nowMs: number): Promise<Write[]> {
    const held = await redis.zrange(keys.held, '0', '-1');
    const writes: Write[] = [];
    for (let start = 0; start < held.length; start += itemsAtOnce) {
      const some = held.slice(start, start + itemsAtOnce);
      const items = some.flatMap((identity) => [nowMs, `episode:${identity}`]);
      writes.push(['ZADD', keys.agenda, 'XX', 'LT', ...items]);
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
    const taken = text === null ? 'its texts are not in Redis' : await parsed(text, hash);
    // a set of our own was published meanwhile, or a later one taken over
    if (current !== before) return;
    if (typeof taken === 'string') {
      refused = { hash, fault: taken };
      log.error({ set: hash, fault: taken }, 'the active playbooks cannot be used here');
      return;
    }
    refused = null;
    // meanwhile it may have been taken over by this engine's own reload
    if (taken.hash === current.hash) return;
    log.info({ set: hash, before: current.hash }, 'took over the active playbooks');
    current = taken;
  }

  /** The set, or why it cannot be used. */
  async function parsed(text: string, hash: string): Promise<ActivePlaybooks | string> {
    const texts = await unpackTexts(text).catch((error: unknown) => messageOf(error));
    if (typeof texts === 'string') return `its texts cannot be read: ${texts}`;
    const checked = await check(texts);
    if (checked.kind === 'bad') return checked.problems.join('\n');
    if (checked.set.hash !== hash) return `its texts have the hash ${checked.set.hash}`;
    return checked.set;
  }

  /** Which set decides here, in a sentence. */
  function describe(): string {
    const inUse = `set ${short(current.hash)}`;
    if (refused !== null) {
      return `${inUse}; the active set ${short(refused.hash)} cannot be used here: ${refused.fault}`;
    }
    if (current.hash === own.hash) return inUse;
    return `${inUse} of another engine; the folder here holds set ${short(own.hash)}, which is not active`;
  }

  return { publish, follow, describe, active: () => current };
}

function short(hash: string): string {
  return hash.slice(0, shownDigits);
}
