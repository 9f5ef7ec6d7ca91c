import { defineCommand, exitWith } from './shared.js';

/** Defines `jidoka demo`. */
export function demoCommand() {
  return defineCommand('demo')
    .description(
      'Show the whole loop in about a minute: the real engine and a real Redis on simulated targets. It needs no configuration and changes nothing outside.',
    )
    .summary('show the whole loop on simulated targets')
    .option('--keep', 'keep the engine running afterwards, until Ctrl+C, and print its console')
    .action((options) => exitWith(import('../demo/demo.js').then(({ demo }) => demo(options))));
}
