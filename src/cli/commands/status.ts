import { defineCommand, exitWith, outputOption, tokenHelp, urlOption } from './shared.js';

/** Defines `jidoka status`. */
export function statusCommand() {
  return defineCommand('status')
    .description(
      'Show the state of a running engine: whether it is ready, what needs attention, active runs, and what is deferred and until when.',
    )
    .summary('show the state of a running engine')
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `${tokenHelp}\n\nExit code 1: the engine is not ready or does not answer.`,
    )
    .action((options) =>
      exitWith(import('../status.js').then(({ status }) => status(options, process.env))),
    );
}
