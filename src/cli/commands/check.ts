import { Option } from '@commander-js/extra-typings';
import { defineCommand, examplesHelp, exitWith } from './shared.js';

/** Defines `jidoka check`. */
export function checkCommand() {
  return defineCommand('check')
    .description(
      'Find errors in playbooks, without Redis and without a network. A file is checked together with the files beside it; only its own findings are shown.',
    )
    .summary('find errors in playbooks')
    .argument('[paths...]', 'folders or files (default: $JIDOKA_PLAYBOOKS, else "playbooks")')
    .option('--strict', 'count warnings as errors')
    .addOption(
      new Option('-o, --output <format>', 'output format; github: annotations of a workflow')
        .choices(['text', 'json', 'github'] as const)
        .default('text' as const),
    )
    .addHelpText(
      'after',
      `
The engine does not start with an error. It starts with a warning, but probably
does not do what you meant. Exit code 1: errors were found.
${examplesHelp('jidoka check', 'jidoka check --strict -o github playbooks/shop.yaml')}`,
    )
    .action((paths, options) =>
      exitWith(import('../check/check.js').then(({ check }) => check(paths, options, process.env))),
    );
}
