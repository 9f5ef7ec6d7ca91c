import { parseArgs } from 'node:util';
import { parseTimestamp } from '../alert/timestamp.js';
import { readConfig } from '../config.js';
import { InputError, messageOf } from '../errors.js';
import { exportTrail } from './audit-export.js';
import { verifyTrail } from './audit-verify.js';

const usage = `usage: jidoka audit verify [--file FILE]
       jidoka audit export [--since TIME] [--until TIME]

  verify   check that the trail is as it was sealed; with --file, what was exported (- reads it from
           standard input). Exit code 1: something does not fit
  export   write the trail as JSON lines to standard output; TIME as in 2026-01-31T08:00:00Z
`;

/**
 * `jidoka audit`: verifies or exports the audit trail. Gives back the exit code: 0, 1 for a trail
 * that does not fit, 2 for a wrong call or a Redis that cannot be reached.
 */
export async function audit(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command, ...rest] = args;
  if (command === '--help' || command === '-h') {
    process.stdout.write(usage);
    return 0;
  }
  try {
    if (command === 'verify') {
      const { file } = parsed(rest, ['file']);
      return await verifyTrail(readConfig(env), file);
    }
    if (command === 'export') {
      const { since, until } = parsed(rest, ['since', 'until']);
      const sinceMs = time('since', since);
      return await exportTrail(readConfig(env), { sinceMs, untilMs: time('until', until) });
    }
  } catch (error) {
    process.stderr.write(`jidoka: ${messageOf(error)}\n`);
    return 2;
  }
  process.stderr.write(usage);
  return 2;
}

function parsed<Name extends string>(args: string[], names: readonly Name[]) {
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  return parseArgs({ args, options }).values as Partial<Record<Name, string>>;
}

function time(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseTimestamp(text);
  if (ms !== undefined && ms >= 0) return ms;
  throw new InputError(
    `--${name}: expected a time such as 2026-01-31T08:00:00Z, got "${text}"`,
    name,
  );
}
