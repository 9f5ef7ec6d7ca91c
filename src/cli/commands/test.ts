import { defineCommand, examplesHelp, exitWith, outputOption } from './shared.js';

/** Defines `jidoka test`. */
export function testCommand() {
  return defineCommand('test')
    .description(
      'Run tests of playbooks: the real engine on a virtual clock and simulated targets, without Redis, Docker or a network.',
    )
    .summary('test playbooks on a virtual clock')
    .argument(
      '[paths...]',
      'folders of playbooks, or files NAME.test.yaml (default: $JIDOKA_PLAYBOOKS, else "playbooks")',
    )
    .option('--run <text>', 'run only tests whose name contains this text', '')
    .option('--junit <file>', 'also write the results to this file, as JUnit XML')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Exit code 1: a test failed or could not be read.
${examplesHelp('jidoka test', 'jidoka test --run "at night" playbooks/shop.test.yaml')}`,
    )
    .action((paths, options) =>
      exitWith(import('../test/test.js').then(({ test }) => test(paths, options, process.env))),
    );
}
