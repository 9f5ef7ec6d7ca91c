import { CommanderError } from '@commander-js/extra-typings';
import { messageOf } from '../lib/errors.js';
import { visible } from '../lib/visible.js';
import { fullNameOf } from './command-tree.js';
import { createProgram } from './program.js';
import { UsageError } from './usage-error.js';

/**
 * Runs the command that is called, and says on standard error what it throws.
 *
 * @param argv as in `process.argv`
 * @returns the exit code: 0, 1 for a failure, 2 for a usage error
 */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const program = createProgram();
  let called = 'jidoka';
  program.hook('preAction', (_, command) => {
    called = fullNameOf(command);
  });
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`jidoka: ${visible(messageOf(error), '\n')}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`Run '${called} --help'.\n`);
    return 2;
  }
}
