import {
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka alerts`, `jidoka runs` and `jidoka escalations`. */
export function recordsCommands() {
  return [
    recordsCommand('alerts', 'alerts', 'firing alerts only', 'jidoka alerts --open'),
    recordsCommand('runs', 'runs of playbooks', 'active runs only', 'jidoka runs --limit 10'),
    recordsCommand(
      'escalations',
      'escalations, with the choices that jidoka choose takes',
      'unanswered escalations only',
      'jidoka escalations --open -o json',
    ),
  ];
}

function recordsCommand(
  name: 'alerts' | 'runs' | 'escalations',
  what: string,
  open: string,
  example: string,
) {
  return defineCommand(name)
    .description(`List ${what}, newest first.`)
    .summary(`list ${name}`)
    .option('--open', open)
    .option('--limit <n>', 'number of records, at most 500', '50')
    .option('--before <cursor>', 'continue a list: its "next"')
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText('after', `${tokenHelp}\n${examplesHelp(example)}`)
    .action((options) =>
      exitWith(import('../records.js').then((records) => records[name](options, process.env))),
    );
}
