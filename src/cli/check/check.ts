import { readPlaybookPaths } from '../../config.js';
import { InputError, messageOf } from '../../errors.js';
import { runCommand, UsageError } from '../command.js';
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
export function check(args: readonly string[], env: Environment): Promise<number> {
  return runCommand({
    args,
    usage,
    options: {
      strict: { type: 'boolean', default: false },
      format: { type: 'string', default: 'text' },
    },
    words: true,
    async run({ strict, format: wanted }, paths) {
      const format = formats.find((each) => each === wanted);
      if (format === undefined) {
        throw new UsageError(`--format: expected one of ${formats.join(', ')}, got "${wanted}"`);
      }
      try {
        const { playbooks: folder, policy } = readPlaybookPaths(env);
        const wantedPaths = paths.length > 0 ? paths : [folder];
        const checked = await checkPaths({ paths: wantedPaths, folder, policy });
        await write(report(checked, format, { color: wantsColor(env, process.stdout.isTTY) }));
        const counts = strict ? ['error', 'warning'] : ['error'];
        return checked.findings.some(({ severity }) => counts.includes(severity)) ? 1 : 0;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        process.stderr.write(`jidoka: ${messageOf(error)}\n`);
        return 2;
      }
    },
  });
}
