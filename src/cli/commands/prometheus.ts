import { defineCommand, examplesHelp, exitWith } from './shared.js';

/** Defines `jidoka prometheus` and its commands. */
export function prometheusCommand() {
  return defineCommand('prometheus')
    .description('Bring the alerting rules that services describe to Prometheus.')
    .summary('bring rules to Prometheus')
    .addCommand(syncCommand());
}

function syncCommand() {
  return defineCommand('prometheus sync')
    .description(
      'Keep the rule file of a Prometheus up to date with the rules of an engine, until it is stopped. It runs beside Prometheus, with a volume in common. Rules that Prometheus refuses are left out and reported to the engine. While the engine does not answer, the last rules stay.',
    )
    .summary('keep the rule file of Prometheus up to date')
    .option('--engine <url>', 'engine address (default: "http://127.0.0.1:$PORT")')
    .requiredOption(
      '--rules-file <file>',
      'rule file to write, named under rule_files of Prometheus',
    )
    .option(
      '--reload <url>',
      'address that reloads Prometheus, which needs --web.enable-lifecycle',
      'http://127.0.0.1:9090/-/reload',
    )
    .addHelpText(
      'after',
      `
Sends JIDOKA_VIEWER_TOKEN, else JIDOKA_ADMIN_TOKEN.
${examplesHelp('jidoka prometheus sync --rules-file /etc/prometheus/jidoka.rules.yml')}`,
    )
    .action((options) =>
      exitWith(import('../prometheus/sync.js').then(({ sync }) => sync(options, process.env))),
    );
}
