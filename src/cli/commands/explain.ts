import { Option } from '@commander-js/extra-typings';
import {
  defineCommand,
  examplesHelp,
  exitWith,
  outputOption,
  tokenHelp,
  urlOption,
} from './shared.js';

/** Defines `jidoka explain`. */
export function explainCommand() {
  return defineCommand('explain')
    .description(
      'Explain why the engine acts on an alert or not: what it would do now, which clauses of which playbooks match, which guards block it and until when, and what happened so far. It changes nothing.',
    )
    .summary('explain why an alert is acted on or not')
    .argument('[labels...]', 'labels of the alert, as NAME=VALUE')
    .option(
      '--alert <file>',
      'the alert as JSON or YAML, "-" for standard input: a webhook body, one of its alerts, an answer of /api/v2/alerts, or labels alone (service: web)',
    )
    .addOption(
      new Option(
        '--source <source>',
        'where the alert comes from (default: as recorded, else alertmanager); manual, with --playbook: a person runs the playbook',
      ).choices(['alertmanager', 'grafana', 'jenkins', 'docker-scaler', 'manual'] as const),
    )
    .option('--playbook <name>', 'explain this playbook only')
    .option('--all', 'show all playbooks (default: those that match, and the nearest)')
    .option('--playbooks <dir>', 'ask no engine: match the playbooks in this folder only')
    .addOption(urlOption())
    .addOption(outputOption())
    .addHelpText(
      'after',
      `${tokenHelp}\n${examplesHelp(
        'jidoka explain alertname=ServiceSlow service=shop_web',
        'jidoka explain --alert alert.json --playbook scale-up',
      )}`,
    )
    .action((labels, options) =>
      exitWith(
        import('../explain.js').then(({ explain }) => explain(labels, options, process.env)),
      ),
    );
}
