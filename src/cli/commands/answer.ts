import { byOption, defineCommand, examplesHelp, exitWith, tokenHelp, urlOption } from './shared.js';

/** Defines `jidoka approve`, `jidoka deny`, `jidoka ack` and `jidoka choose`. */
export function answerCommands() {
  return [
    answerCommand('approve', 'Approve a plan that waits for approval.', 'approve a plan'),
    answerCommand('deny', 'Deny a plan that waits for approval.', 'deny a plan'),
    answerCommand(
      'ack',
      'Acknowledge an escalation: you take it over.',
      'acknowledge an escalation',
    ),
    chooseCommand(),
  ];
}

function answerCommand(choice: 'approve' | 'deny' | 'ack', description: string, summary: string) {
  return define(choice, description, summary)
    .argument('<escalation>', 'id of the escalation (jidoka escalations --open)')
    .addHelpText('after', help(`jidoka ${choice} kpBj82wPDqf- --by ana`))
    .action((escalation, options) => run(escalation, choice, options));
}

function chooseCommand() {
  return define('choose', 'Choose what to do about an escalation.', 'choose an action')
    .argument('<escalation>', 'id of the escalation (jidoka escalations --open)')
    .argument('<choice>', 'id of one of its choices')
    .addHelpText('after', help('jidoka choose kpBj82wPDqf- dismiss --comment "known issue"'))
    .action((escalation, choice, options) => run(escalation, choice, options));
}

function define(name: string, description: string, summary: string) {
  return defineCommand(name)
    .description(description)
    .summary(summary)
    .addOption(byOption())
    .option('--comment <text>', 'reason, kept in the audit trail')
    .addOption(urlOption());
}

function help(example: string): string {
  return `${tokenHelp}\n${examplesHelp(example)}`;
}

function run(...args: [string, string, Parameters<typeof import('../answer.js').answer>[2]]) {
  return exitWith(import('../answer.js').then(({ answer }) => answer(...args, process.env)));
}
