import {
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka report`. */
export function reportCommand() {
  return defineCommand('report')
    .description(
      'Show how the alerts of the last days (UTC) ended: auto-remediated, escalated, self-resolved or ignored, and the time saved. Firing alerts are not counted yet.',
    )
    .summary('show how alerts ended, and the time saved')
    .option('--days <n>', 'number of days, today included', '30')
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText('after', `${tokenHelp}\n${examplesHelp('jidoka report --days 7 -o json')}`)
    .action((options) =>
      exitWith(import('../report.js').then(({ report }) => report(options, process.env))),
    );
}
