import {
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka services`. */
export function servicesCommand() {
  return defineCommand('services')
    .description(
      'Show the targets and the alerts that services describe by their labels, what is wrong with them, and what Jidoka would do about each alert.',
    )
    .summary('show the monitoring that services describe')
    .option('--check', 'exit with 1 if something is wrong, or no playbook takes an alert')
    .option('--stack-file <file>', 'check the services of a stack file, without an engine')
    .option('--playbooks <folder>', 'with --stack-file: the folder of playbooks')
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `${tokenHelp}\n${examplesHelp(
        'jidoka services --check',
        'jidoka services --check --stack-file stack.yml --playbooks playbooks',
      )}`,
    )
    .action((options) =>
      exitWith(import('../services.js').then(({ services }) => services(options, process.env))),
    );
}
