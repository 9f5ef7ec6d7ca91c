import { readPlaybookPaths } from '../../app/config.js';
import { wantsColor, write } from '../output.js';
import { checkPaths } from './findings.js';
import { type Format, report } from './report.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The options of `jidoka check`. */
export interface CheckCommandOptions {
  readonly strict?: boolean | undefined;
  readonly output: Format;
}

/** `jidoka check`: shows every fault of every playbook. Returns the exit code. */
export async function check(
  paths: readonly string[],
  { strict, output }: CheckCommandOptions,
  env: Environment,
): Promise<number> {
  const { playbooks: folder, policy } = readPlaybookPaths(env);
  const wantedPaths = paths.length > 0 ? paths : [folder];
  const checked = await checkPaths({ paths: wantedPaths, folder, policy });
  await write(report(checked, output, { color: wantsColor(env, process.stdout.isTTY) }));
  const counts = strict ? ['error', 'warning'] : ['error'];
  return checked.findings.some(({ severity }) => counts.includes(severity)) ? 1 : 0;
}
