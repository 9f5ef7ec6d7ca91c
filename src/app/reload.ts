import type { ReloadAnswer } from '../api/reload.js';
import type { ActiveSet, PublishedBy } from '../engine/playbook-set/active-set.js';
import type { OwnPlaybooks, PlaybookChecker } from '../engine/playbook-set/playbook-checker.js';
import { createReloader } from '../engine/playbook-set/reload.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import { createFolderReader } from '../playbook/read.js';
import type { Config } from './config.js';
import { createVetting } from './vetting.js';
import type { WorkerHandle } from './worker-handle.js';

const maxProblems = 5;

/**
 * Reloads the playbooks for both halves: this one reads, checks and publishes, the worker takes
 * the new set over at once.
 */
export function createReload({
  config,
  own,
  check: checkPlaybooks,
  set,
  worker,
  clock,
  metrics,
  log,
}: {
  readonly config: Pick<Config, 'playbooks' | 'policy'>;
  readonly own: OwnPlaybooks;
  readonly check: PlaybookChecker;
  readonly set: ActiveSet;
  readonly worker: Pick<WorkerHandle, 'follow'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: Logger;
}) {
  const vetting = createVetting({ own, check: checkPlaybooks });
  const reloader = createReloader({
    own,
    check: vetting.check,
    read: createFolderReader(config.playbooks, config.policy),
    publish,
    clock,
    metrics,
    log,
  });

  async function publish(changed: OwnPlaybooks, by: PublishedBy): Promise<void> {
    await set.publish(changed, by);
    await worker.follow().catch((error: unknown) => {
      log.warn(
        { fault: messageOf(error) },
        'worker not told of the reload: it follows within seconds',
      );
    });
  }

  /** @throws what Redis throws. */
  async function reload(by: PublishedBy): Promise<ReloadAnswer> {
    const reloaded = await reloader.reload(by);
    if (reloaded.kind === 'refused') return reloaded;
    await set.follow();
    const { hash, library } = set.active();
    const changed = reloaded.kind === 'activated';
    const detail = `${changed ? 'activated' : 'the folder is unchanged'}: ${set.describe()}`;
    return { kind: 'taken', hash, playbooks: library.playbooks.length, changed, detail };
  }

  /** How the last reload went, in a sentence. */
  function check(): { readonly ok: boolean; readonly detail: string } {
    const { ok, atMs, problems } = reloader.state();
    const at = new Date(atMs).toISOString();
    if (ok) return { ok, detail: `${config.playbooks} loaded at ${at}` };
    const shown = problems.slice(0, maxProblems).join('; ');
    const left = problems.length - maxProblems;
    const more = left > 0 ? `; and ${left} more` : '';
    return { ok, detail: `not loaded at ${at}, the active set stays: ${shown}${more}` };
  }

  /** Waits for a set that is being published, and for no check and no file. */
  async function stop(): Promise<void> {
    await Promise.all([reloader.stop(), vetting.stop()]);
  }

  return { look: reloader.look, stop, reload, check };
}
