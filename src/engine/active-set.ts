import type { AnyAction } from '../action/action.js';
import type { Clock } from '../clock.js';
import type { Ledger } from '../ledger/ledger.js';
import { retentionMs } from '../ledger/saves.js';
import type { Check, Write } from '../ledger/transaction.js';
import type { Logger } from '../logger.js';
import { createLibrary } from '../playbook/library.js';
import { parsePlaybookTexts } from '../playbook/load.js';
import { formatProblem } from '../playbook/problem.js';
import type { PlaybookTexts } from '../playbook/read.js';
import type { ActivePlaybooks } from './parts.js';

/** The playbooks that a process found in its folder. */
export interface OwnPlaybooks extends ActivePlaybooks {
  readonly texts: PlaybookTexts;
}

/** How soon a set that another worker activated is taken over. */
export const followEveryMs = 2_000;

const mostConflicts = 20;
const shownDigits = 12;

/**
 * The one set of playbooks that a cell decides with. It is in Redis under its hash, so that all
 * workers decide alike, whatever their folders hold; the worker that started last has put it there.
 */
export function createActiveSet({
  ledger,
  actions,
  own,
  clock,
  log,
}: {
  readonly ledger: Ledger;
  readonly actions: ReadonlyMap<string, AnyAction>;
  readonly own: OwnPlaybooks;
  readonly clock: Clock;
  readonly log: Logger;
}) {
  const { redis, keys } = ledger;
  let current: ActivePlaybooks = own;
  /** The active set that this process cannot use; it is not parsed again. */
  let refused: { readonly hash: string; readonly fault: string } | null = null;

  /** Makes our own set the active one. Throws what Redis throws. */
  async function publish(): Promise<void> {
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      const before = await redis.get(keys.activePlaybooks);
      if (before === own.hash) return;
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
          ['SET', keys.playbookSet(own.hash), JSON.stringify(own.texts)],
          ['SET', key, own.hash],
          ledger.audit({
            atMs: nowMs,
            subject: 'cell',
            id: 'playbooks',
            event: 'activated',
            detail: `${own.hash} instead of ${before ?? 'none'}`,
          }),
        ],
        nowMs,
      });
      if (result.kind === 'committed') return;
    }
    throw new Error('other workers activate their playbooks faster than this one');
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
    const text = await redis.get(keys.playbookSet(hash));
    const taken = text === null ? 'its texts are not in Redis' : parsed(text, hash);
    if (typeof taken === 'string') {
      refused = { hash, fault: taken };
      log.error({ set: hash, fault: taken }, 'the active playbooks cannot be used here');
      return;
    }
    refused = null;
    log.info({ set: hash, before: current.hash }, 'took over the active playbooks');
    current = taken;
  }

  /** The set, or why it cannot be used. */
  function parsed(text: string, hash: string): ActivePlaybooks | string {
    const loaded = parsePlaybookTexts(JSON.parse(text) as PlaybookTexts, actions);
    if (loaded.hash !== hash) return `its texts have the hash ${loaded.hash}`;
    if (loaded.problems.length > 0) return loaded.problems.map(formatProblem).join('\n');
    return { library: createLibrary(loaded.playbooks), policy: loaded.policy, hash };
  }

  /** Which set decides here, in a sentence. */
  function describe(): string {
    const inUse = `set ${current.hash.slice(0, shownDigits)}`;
    if (refused === null) return inUse;
    return `${inUse}; the active set ${refused.hash.slice(0, shownDigits)} cannot be used here: ${refused.fault}`;
  }

  return { publish, follow, describe, active: () => current };
}
