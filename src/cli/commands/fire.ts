import {
  collect,
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka fire`. */
export function fireCommand() {
  return defineCommand('fire')
    .description(
      "Send a test alert to a running engine, over the webhook of Alertmanager. The engine treats it as real: a matching playbook acts. Resolve it with --resolved and the same labels. An engine that reads Alertmanager's API closes it after some minutes, because Alertmanager does not list it.",
    )
    .summary('send a test alert to a running engine')
    .argument('<labels...>', 'labels as NAME=VALUE, alertname among them')
    .option(
      '--annotation <name=value>',
      'an annotation; repeatable',
      collect,
      [] as readonly string[],
    )
    .option('--resolved', 'send it as resolved')
    .option('--wait', 'wait for the decision and print it; with --resolved, until it is closed')
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Sends JIDOKA_WEBHOOK_TOKEN if it is set. With --wait also an admin token:${tokenHelp}
${examplesHelp('jidoka fire --wait alertname=ServiceSlow service=shop_web scale=up')}`,
    )
    .action((labels, options) =>
      exitWith(import('../fire.js').then(({ fire }) => fire(labels, options, process.env))),
    );
}
