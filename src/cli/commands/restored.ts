import { defineCommand, exitWith } from './shared.js';

/** Defines `jidoka restored`. */
export function restoredCommand() {
  return defineCommand('restored')
    .description(
      'Record that Redis was restored from a backup, before you start the engine on it. This pauses everything until a person lifts the pause.',
    )
    .summary('record that Redis was restored from a backup')
    .option(
      '--accept',
      'accept the data in Redis as it is, for example after a change of REDIS_URL or on a fresh volume; this lifts the pause that the engine set for that reason, not pauses of people',
    )
    .action((options) =>
      exitWith(import('../restored.js').then(({ restored }) => restored(options, process.env))),
    );
}
