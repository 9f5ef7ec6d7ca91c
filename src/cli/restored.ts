import { readConfig } from '../app/config.js';
import { acceptLedger, recordRestored } from '../engine/health/restored.js';
import type { Ledger } from '../ledger/ledger.js';
import { systemClock } from '../lib/clock.js';
import { visitLedger } from './visit.js';

/**
 * `jidoka restored`: records that Redis was restored from a backup, or accepts the ledger that is there.
 * Returns the exit code.
 */
export async function restored(
  { accept }: { readonly accept?: boolean | undefined },
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const result = await visitLedger(readConfig(env), accept ? acceptAsItIs : recordRestore);
  process.stdout.write(`${result}\n`);
  return 0;
}

async function recordRestore(ledger: Ledger): Promise<string> {
  await recordRestored(
    { ledger, clock: systemClock },
    {
      title: 'The ledger was restored from a backup',
      why: 'The operator said so with "jidoka restored".',
      advice:
        'What was done since that backup is not known here. Look at what the services and groups are at now, then lift the pause of everything.',
      by: 'jidoka restored',
      lostUntilMs: Number.POSITIVE_INFINITY,
      channel: undefined,
    },
  );
  return 'everything automatic is paused until a person lifts the pause; now start the engine (see docs/how-to/restore.md)';
}

async function acceptAsItIs(ledger: Ledger): Promise<string> {
  const lifted = await acceptLedger({ ledger, clock: systemClock }, 'jidoka restored --accept');
  return lifted
    ? 'the ledger is accepted, and the pause of everything that the engine had set is lifted'
    : 'the ledger is accepted; the engine had paused nothing';
}
