import { directionOption, playbookOption, targetOption } from './scope-options.js';
import { byOption, defineCommand, examplesHelp, exitWith, tokenHelp, urlOption } from './shared.js';

/** Defines `jidoka pause`. */
export function pauseCommand() {
  return defineCommand('pause')
    .description(
      'Pause everything, or one playbook, target or direction. The engine still receives alerts and notifies people; it defers actions until the pause ends. An unknown target is refused. If the targets cannot be read, the pause is set with a warning.',
    )
    .summary('pause actions')
    .addOption(playbookOption())
    .addOption(targetOption())
    .addOption(directionOption())
    .requiredOption('--why <text>', 'reason, shown to people')
    .option('--for <duration>', 'end after this time: 30m, 2h (default: until jidoka resume)')
    .addOption(byOption())
    .addOption(urlOption())
    .addHelpText(
      'after',
      `${tokenHelp}\n${examplesHelp(
        'jidoka pause --why "database migration" --for 2h',
        'jidoka pause --target shop_web --why "rollout in progress"',
      )}`,
    )
    .action((options) =>
      exitWith(import('../pause.js').then(({ pause }) => pause(options, process.env))),
    );
}
