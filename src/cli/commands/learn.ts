import {
  byOption,
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka learn`. */
export function learnCommand() {
  return defineCommand('learn')
    .description(
      'Make a playbook from an action that a person chose and that helped. Without an escalation, list the open suggestions. With one, show the playbook, its tests, and what it would have done with recorded alerts.',
    )
    .summary('make a playbook from an action that helped')
    .argument('[escalation]', 'id of the suggestion')
    .option('--write', 'accept it: the engine writes both files to its playbooks')
    .addOption(byOption())
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
The playbook asks before it acts (mode: approve).
${tokenHelp}\n${examplesHelp('jidoka learn', 'jidoka learn 01HZX3 --write --by ana')}`,
    )
    .action((escalation, options) =>
      exitWith(import('../learn.js').then(({ learn }) => learn(escalation, options, process.env))),
    );
}
