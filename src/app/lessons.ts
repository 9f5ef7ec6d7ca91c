import type { AnyAction } from '../integrations/contract/action.js';
import { createPlaybookSuggestions as createLessonsOf } from '../learning/suggestions.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Wake } from '../ledger/schedule-item.js';
import type { Clock } from '../lib/clock.js';
import { withinDeadline } from '../lib/hanging.js';
import type { Logger } from '../lib/logger.js';
import { readWhole } from '../playbook/read.js';
import { addFiles } from '../playbook/write.js';
import type { Config } from './config.js';
import { createTrials } from './trials.js';

/** Lessons that are tried in threads of their own, and go to the folder in `JIDOKA_PLAYBOOKS`. */
export function createPlaybookSuggestions({
  config,
  redisUrl,
  ...parts
}: {
  readonly config: Pick<Config, 'playbooks' | 'policy' | 'workerAsg' | 'cell'>;
  readonly redisUrl: string;
  readonly ledger: Ledger;
  readonly actions: ReadonlyMap<string, AnyAction>;
  readonly reload: () => Promise<unknown>;
  readonly clock: Clock;
  readonly wake: Wake;
  readonly log: Logger;
}) {
  const { cell, playbooks, policy, workerAsg } = config;
  const trials = createTrials({ redisUrl, cell });
  const lessons = createLessonsOf({
    ...parts,
    workerAsg,
    read: () => readWhole(playbooks, policy),
    add: (files) =>
      withinDeadline(async (at) => {
        at(playbooks);
        await addFiles(playbooks, files);
      }),
    trial: trials.run,
  });
  return { lessons, stop: trials.stop };
}
