import { systemClock } from '../clock.js';
import { readConfig } from '../config.js';
import { recordRestored } from '../engine/restored.js';
import { messageOf } from '../errors.js';
import { runCommand } from './command.js';
import { visitLedger } from './visit.js';

const usage = `usage: jidoka restored

Says that Redis was restored from a backup, before the engine is started on it: everything automatic is
paused until a person lifts the pause. See docs/upgrade-and-restore.md.
`;

/**
 * `jidoka restored`: the operator says that Redis was restored from a backup, where the engine cannot
 * know. Gives back the exit code.
 */
export async function restored(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({ args, usage, options: {}, run: () => say(env) });
}

async function say(env: NodeJS.ProcessEnv): Promise<number> {
  try {
    await visitLedger(readConfig(env), (ledger) =>
      recordRestored(
        { ledger, clock: systemClock },
        {
          why: 'The operator said so with "jidoka restored".',
          by: 'jidoka restored',
          lostUntilMs: Number.POSITIVE_INFINITY,
          channel: undefined,
        },
      ),
    );
  } catch (error) {
    process.stderr.write(`jidoka: ${messageOf(error)}\n`);
    return 2;
  }
  process.stdout.write(
    'everything automatic is paused until a person lifts the pause; now start the engine (see docs/upgrade-and-restore.md)\n',
  );
  return 0;
}
