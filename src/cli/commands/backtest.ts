import { defineCommand, examplesHelp, exitWith, outputOption } from './shared.js';

/** Defines `jidoka backtest`. */
export function backtestCommand() {
  return defineCommand('backtest')
    .description(
      'Replay recorded notifications through the engine on a virtual clock, and show what these playbooks would have done. It needs no Redis and changes nothing.',
    )
    .summary('replay recorded alerts through playbooks')
    .requiredOption(
      '--history <source>',
      'a file of JSON lines (GET /api/v1/history, or webhook bodies of Alertmanager), plain or gzip; "-" for standard input; or the address of a running engine',
    )
    .requiredOption('--playbooks <dir>', 'playbooks to try')
    .option('--against <dir>', 'playbooks to compare with, alert by alert')
    .option('--policy <file>', 'policy for both (default: policy.yaml beside the playbooks)')
    .option('--since <time>', 'start: a time (2026-01-31T08:00:00Z) or an age (7d)')
    .option('--until <time>', 'end: a time or an age')
    .option('--size <n>', 'initial size of each target', '3')
    .option('--bounds <min..max>', 'bounds of services, or "none"', '1..10')
    .option('--converge <duration>', 'how long a change takes', '0')
    .option('--approve', 'approve every question (default: no answers)')
    .addOption(outputOption())
    .addHelpText(
      'after',
      `
Exit code 1: not everything was replayed.
${examplesHelp(
  'jidoka backtest --history http://127.0.0.1:9095 --playbooks playbooks',
  'jidoka backtest --history history.jsonl --playbooks new --against old',
)}`,
    )
    .action((options) =>
      exitWith(import('../backtest.js').then(({ backtest }) => backtest(options, process.env))),
    );
}
