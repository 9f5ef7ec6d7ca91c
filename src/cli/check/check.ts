import { parseArgs } from 'node:util';
import { readPlaybookPaths } from '../../config.js';
import { InputError, messageOf } from '../../errors.js';
import { checkPaths } from './findings.js';
import { wantsColor, write } from './output.js';
import { formats, report } from './report.js';

const usage = `usage: jidoka check [options] [paths]

Finds what is wrong with playbooks, without Redis and without a network. A path is a folder of
playbooks or a single file of one; without any it is JIDOKA_PLAYBOOKS, else the folder "playbooks".
A file is checked together with those beside it, and only what is found in itself is shown.

  --strict         warnings count as errors
  --format FORMAT  text (the default), json, or github (annotations of a workflow)

An error is what the engine refuses to start with; a warning is what it takes but hardly means
what you meant. Exit codes: 0 no errors, 1 errors, 2 wrong usage or a path that cannot be read.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** `jidoka check`: shows every fault of every playbook. Gives back the exit code. */
export async function check(args: readonly string[], env: Environment): Promise<number> {
  try {
    return await run(args, env);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    process.stderr.write(`jidoka: ${messageOf(error)}\n`);
    return 2;
  }
}

async function run(args: readonly string[], env: Environment): Promise<number> {
  const { help, strict, format, paths } = readArguments(args);
  if (help) {
    await write(usage);
    return 0;
  }
  const { playbooks, policy } = readPlaybookPaths(env);
  const checked = await checkPaths({
    paths: paths.length > 0 ? paths : [playbooks],
    folder: playbooks,
    policy,
  });
  await write(report(checked, format, { color: wantsColor(env, process.stdout.isTTY) }));
  const counts = strict ? ['error', 'warning'] : ['error'];
  return checked.findings.some(({ severity }) => counts.includes(severity)) ? 1 : 0;
}

function readArguments(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        strict: { type: 'boolean', default: false },
        format: { type: 'string', default: 'text' },
      },
    });
    const format = formats.find((each) => each === values.format);
    if (format !== undefined) return { ...values, format, paths: positionals };
    throw new Error(`--format: expected one of ${formats.join(', ')}, got "${values.format}"`);
  } catch (error) {
    throw new InputError(`${messageOf(error)}\n\n${usage}`, 'arguments');
  }
}
