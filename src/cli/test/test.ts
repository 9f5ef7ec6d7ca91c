import { writeFile } from 'node:fs/promises';
import { readPlaybookPaths } from '../../app/config.js';
import { messageOf } from '../../lib/errors.js';
import { type Output, wantsColor, write } from '../output.js';
import { UsageError } from '../usage-error.js';
import { junitXml } from './junit.js';
import { hasPassed, report } from './report.js';
import { runFiles } from './run-files.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The options of `jidoka test`. */
export interface TestCommandOptions {
  readonly run: string;
  readonly junit?: string | undefined;
  readonly output: Output;
}

/** `jidoka test`: runs tests of playbooks on a virtual clock. Returns the exit code. */
export async function test(
  paths: readonly string[],
  { run, junit, output }: TestCommandOptions,
  env: Environment,
): Promise<number> {
  const { playbooks: folder, policy } = readPlaybookPaths(env);
  const wantedPaths = paths.length > 0 ? paths : [folder];
  const files = await runFiles({ paths: wantedPaths, folder, policy, only: run });
  if (files.length === 0) {
    throw new UsageError(`--run: no test has a name that contains "${run}"`);
  }
  const color = wantsColor(env, process.stdout.isTTY);
  const columns = process.stdout.columns || undefined;
  await write(report(files, output, { color, columns }));
  if (junit !== undefined) await save(junit, junitXml(files));
  return files.every(hasPassed) ? 0 : 1;
}

async function save(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new UsageError(`--junit: ${messageOf(error)}`);
  }
}
