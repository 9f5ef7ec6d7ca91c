import { defineCommand, exitWith, outputOption } from './shared.js';

/** Defines `jidoka doctor`. */
export function doctorCommand() {
  return defineCommand('doctor')
    .description(
      'Test every connection and permission with a harmless call. For each fault: what is wrong, why it matters, and how to fix it. It uses the environment of this shell, as jidoka serve would; the section Engine asks the running engine. It changes nothing; in Redis it writes probe keys that expire.',
    )
    .summary('test connections and permissions')
    .addOption(outputOption())
    .addHelpText('after', '\nExit code 1: something is wrong. Warnings do not count.')
    .action((options) =>
      exitWith(import('../doctor.js').then(({ doctor }) => doctor(options, process.env))),
    );
}
