import { directionOption, playbookOption, targetOption } from './scope-options.js';
import { byOption, defineCommand, examplesHelp, exitWith, tokenHelp, urlOption } from './shared.js';

/** Defines `jidoka resume`. */
export function resumeCommand() {
  return defineCommand('resume')
    .description(
      'Lift the pause of everything, or the named one. The engine then decides deferred alerts again.',
    )
    .summary('lift a pause')
    .addOption(playbookOption())
    .addOption(targetOption())
    .addOption(directionOption())
    .option('--all', 'lift every pause')
    .addOption(byOption())
    .addOption(urlOption())
    .addHelpText(
      'after',
      `${tokenHelp}\n${examplesHelp('jidoka resume', 'jidoka resume --target shop_web')}`,
    )
    .action((options) =>
      exitWith(import('../resume.js').then(({ resume }) => resume(options, process.env))),
    );
}
