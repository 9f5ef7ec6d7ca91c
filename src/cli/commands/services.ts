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
      'Show what services say about themselves in their labels, and for each of their alerts whether it reaches a playbook that may act: scraped, rule, route, playbook, target, mode. A link that could not be read is not checked.',
    )
    .summary('show what services describe, and prove their alerts')
    .option('--check', 'exit with 1 if a label is not valid, or a link does not hold')
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
