import { byOption, defineCommand, examplesHelp, exitWith, tokenHelp, urlOption } from './shared.js';

/** Defines `jidoka cancel`. */
export function cancelCommand() {
  return defineCommand('cancel')
    .description(
      'Cancel a run. Jidoka sends no further change, watches a change in progress to its end, and releases the target.',
    )
    .summary('cancel a run')
    .argument('<run>', 'id of the run (jidoka runs --open)')
    .addOption(byOption())
    .option('--comment <text>', 'reason, kept in the audit trail')
    .addOption(urlOption())
    .addHelpText('after', `${tokenHelp}\n${examplesHelp('jidoka cancel Xq3vZb0aLmN_ --by ana')}`)
    .action((run, options) =>
      exitWith(import('../cancel.js').then(({ cancel }) => cancel(run, options, process.env))),
    );
}
