import {
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka evidence`. */
export function evidenceCommand() {
  return defineCommand('evidence')
    .description(
      'Show the evidence of an escalation or a run: metric, changes, tasks, earlier and related alerts.',
    )
    .summary('show why an alert fires')
    .argument('<id>', 'id of the escalation or run')
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText('after', `${tokenHelp}\n${examplesHelp('jidoka evidence kpBj82wPDqf-')}`)
    .action((id, options) =>
      exitWith(import('../evidence.js').then(({ evidence }) => evidence(id, options, process.env))),
    );
}
