import type { AnyAction } from '../action/action.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config.js';
import { createLessons as createLessonsOf } from '../engine/teach/lessons.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Logger } from '../logger.js';
import { readWhole } from '../playbook/read.js';
import { addFiles } from '../playbook/write.js';
import { createTrials } from './trials.js';

/** Lessons that are tried in threads of their own, and go to the folder in `JIDOKA_PLAYBOOKS`. */
export function createLessons({
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
  readonly wake: (item: string, atMs: number) => Promise<void>;
  readonly log: Logger;
}) {
  const { cell, playbooks, policy, workerAsg } = config;
  const trials = createTrials({ redisUrl, cell });
  const lessons = createLessonsOf({
    ...parts,
    workerAsg,
    read: () => readWhole(playbooks, policy),
    add: (files) => addFiles(playbooks, files),
    trial: trials.run,
  });
  return { lessons, stop: trials.stop };
}
