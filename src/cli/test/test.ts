import { writeFile } from 'node:fs/promises';
import { readPlaybookPaths } from '../../config.js';
import { InputError, messageOf } from '../../errors.js';
import { wantsColor, write } from '../check/output.js';
import { runCommand, UsageError } from '../command.js';
import { junitXml } from './junit.js';
import { formats, hasPassed, report } from './report.js';
import { runFiles } from './run-files.js';

const usage = `usage: jidoka test [options] [paths]

Runs tests of playbooks (docs/testing-playbooks.md): the engine itself on a virtual clock and on made-up
targets, without Redis, Docker or a network. A path is a folder of playbooks or a single file of tests,
NAME.test.yaml; without any it is JIDOKA_PLAYBOOKS, else the folder "playbooks".

  --run TEXT       only tests whose name contains it
  --junit FILE     write the results to a file, as JUnit does
  --format FORMAT  text (the default) or json

Exit codes: 0 all tests passed, 1 some did not, or could not be read, 2 wrong usage or no tests.
`;

type Environment = Readonly<Record<string, string | undefined>>;

/** `jidoka test`: rehearses playbooks and compares what happens with what is expected. */
export function test(args: readonly string[], env: Environment): Promise<number> {
  return runCommand({
    args,
    usage,
    options: {
      run: { type: 'string', default: '' },
      junit: { type: 'string' },
      format: { type: 'string', default: 'text' },
    },
    words: true,
    async run({ run, junit, format: wanted }, paths) {
      const format = formats.find((each) => each === wanted);
      if (format === undefined) {
        throw new UsageError(`--format: expected one of ${formats.join(', ')}, got "${wanted}"`);
      }
      try {
        const { playbooks: folder, policy } = readPlaybookPaths(env);
        const wantedPaths = paths.length > 0 ? paths : [folder];
        const files = await runFiles({ paths: wantedPaths, folder, policy, only: run });
        if (files.length === 0) {
          throw new InputError(`no test has a name that contains "${run}"`, '--run');
        }
        const color = wantsColor(env, process.stdout.isTTY);
        const columns = process.stdout.columns || undefined;
        await write(report(files, format, { color, columns }));
        if (junit !== undefined) await save(junit, junitXml(files));
        return files.every(hasPassed) ? 0 : 1;
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        process.stderr.write(`jidoka: ${messageOf(error)}\n`);
        return 2;
      }
    },
  });
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new InputError(`--junit: ${path} cannot be written: ${messageOf(error)}`, path);
  }
}
