import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** A copy of the sources in which a guide was followed to the letter. */
export interface GuideCopy {
  readonly root: string;
  pathOf(path: string): string;
  /** Runs a tool of this repository in the copy, and returns what it complains about. */
  complaints(tool: string, ...args: readonly string[]): Promise<string>;
}

/** A block of a guide, under the path of its file in bold. */
const shown = /^\*\*((?:src|test)\/\S+)\*\*:\n\n```(ts|diff)\n([\s\S]*?)^```$/gm;

/**
 * Copies the sources, writes the files that a guide shows, and makes the changes that it shows as `diff`.
 * Remove its `root` after the tests.
 *
 * @throws Error for a change whose lines are not in the file exactly once.
 */
export async function followGuide(guide: string): Promise<GuideCopy> {
  const root = await mkdtemp(join(tmpdir(), 'jidoka-guide-'));
  const pathOf = (path: string) => join(root, path);
  for (const path of [
    'src',
    'test/support',
    'test/unit/integrations',
    'tsconfig.json',
    'biome.json',
    'package.json',
  ]) {
    await cp(path, pathOf(path), { recursive: true });
  }
  await symlink(resolve('node_modules'), pathOf('node_modules'));

  const page = await readFile(guide, 'utf8');
  for (const [, path = '', language, text = ''] of page.matchAll(shown)) {
    await mkdir(dirname(pathOf(path)), { recursive: true });
    const written =
      language === 'ts' ? text : changed(path, await readFile(pathOf(path), 'utf8'), text);
    await writeFile(pathOf(path), written);
  }

  return {
    root,
    pathOf,
    async complaints(tool, ...args) {
      const run = promisify(execFile)(resolve('node_modules/.bin', tool), args, { cwd: root });
      return run.then(
        () => '',
        ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) =>
          stdout + stderr,
      );
    },
  };
}

/** A file with the changes of a diff, whose parts are set apart by empty lines. */
function changed(path: string, file: string, diff: string): string {
  return diff.split(/^\n/m).reduce((text, part) => {
    const lines = part.split('\n').filter((line) => line !== '');
    const side = (sign: '+' | '-') =>
      lines.flatMap((line) => (line[0] === sign || line[0] === ' ' ? `${line.slice(1)}\n` : []));
    const [before, after] = [side('-').join(''), side('+').join('')];
    if (text.split(before).length === 2) return text.replace(before, () => after);
    throw new Error(`${path}: expected exactly once what the guide changes:\n${before}`);
  }, file);
}
