import {
  byOption,
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka run`. */
export function runCommand() {
  return defineCommand('run')
    .description(
      'Run a playbook. Guards and approvals hold as for an alert. The labels are those that its matchers and expressions read; a label with one possible value may be left out.',
    )
    .summary('run a playbook')
    .argument('<playbook>', 'name of the playbook')
    .argument('[labels...]', 'labels as NAME=VALUE')
    .option('--why <text>', 'reason, kept with the run (required unless --dry-run)')
    .addOption(byOption())
    .option('--dry-run', 'show what would happen now, and change nothing')
    .option(
      '--key <key>',
      'idempotency key: the same command with the same key starts one run (default: a new one)',
    )
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `${tokenHelp}\n${examplesHelp(
        'jidoka run clean-disk instance=node-3 --dry-run',
        'jidoka run clean-disk instance=node-3 --why "disk is full"',
      )}`,
    )
    .action((playbook, labels, options) =>
      exitWith(
        import('../run-playbook.js').then(({ runPlaybook }) =>
          runPlaybook(playbook, labels, options, process.env),
        ),
      ),
    );
}
