import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import type { ActiveSet, PublishedBy } from '../engine/active-set.js';
import type { OwnPlaybooks, PlaybookChecker } from '../engine/own-playbooks.js';
import { createReloader } from '../engine/reload.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { readPlaybooks } from '../playbook/read.js';
import type { ReloadAnswer } from '../receiver/reload.js';
import type { ActingHalf } from './acting-half.js';

const mostProblems = 5;

/**
 * Reloads the playbooks for both halves: this one reads, checks and publishes, the acting one takes
 * the new set over at once.
 */
export function createReload({
  config,
  own,
  check: checkPlaybooks,
  set,
  acting,
  clock,
  metrics,
  log,
}: {
  readonly config: Pick<Config, 'playbooks' | 'policy'>;
  readonly own: OwnPlaybooks;
  readonly check: PlaybookChecker;
  readonly set: ActiveSet;
  readonly acting: Pick<ActingHalf, 'follow'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}) {
  const reloader = createReloader({
    own,
    check: checkPlaybooks,
    read: () => readPlaybooks(config.playbooks, config.policy),
    publish,
    clock,
    metrics,
    log,
  });

  async function publish(changed: OwnPlaybooks, by: PublishedBy): Promise<void> {
    await set.publish(changed, by);
    await acting.follow().catch((error: unknown) => {
      log.warn({ fault: messageOf(error) }, 'the acting half takes the playbooks over later');
    });
  }

  /** @throws what Redis throws. */
  async function reload(by: PublishedBy): Promise<ReloadAnswer> {
    const reloaded = await reloader.reload(by);
    if (reloaded.kind === 'refused') return reloaded;
    await set.follow();
    const { hash, library } = set.active();
    const changed = reloaded.kind === 'activated';
    const detail = `${changed ? 'activated' : 'the folder holds what it held'}: ${set.describe()}`;
    return { kind: 'taken', hash, playbooks: library.playbooks.length, changed, detail };
  }

  /** How the last reload went, in a sentence. */
  function check(): { readonly ok: boolean; readonly detail: string } {
    const { ok, atMs, problems } = reloader.state();
    const at = new Date(atMs).toISOString();
    if (ok) return { ok, detail: `${config.playbooks} was taken at ${at}` };
    const shown = problems.slice(0, mostProblems).join('; ');
    const left = problems.length - mostProblems;
    const more = left > 0 ? `; and ${left} more` : '';
    return { ok, detail: `not taken at ${at}, the set in use stays: ${shown}${more}` };
  }

  return { look: reloader.look, stop: reloader.stop, reload, check };
}
