import { execFile } from 'node:child_process';
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Edit, takeOut } from './removals.js';

const run = promisify(execFile);

/** What is not copied: packages are linked, the rest is made anew. */
const left = new Set(['node_modules', 'dist', '.data', '.git', 'coverage']);

/** What `copyCheckout` gives. */
export type Copy = ReturnType<typeof copyCheckout>;

/**
 * A copy of a checkout in `dir`, uncommitted changes included, in which protections are taken out; the
 * checkout itself is never touched.
 */
export function copyCheckout(root: string, dir: string) {
  cpSync(root, dir, {
    recursive: true,
    filter: (source) => !left.has(source.slice(root.length + 1)),
  });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));

  /** Compiles `src/` to `dist/`; gives back what the compiler says if it finds fault. */
  async function build(): Promise<string | null> {
    const compiler = join(dir, 'node_modules/typescript/bin/tsc');
    const settings = ['-p', 'tsconfig.build.json', '--noEmitOnError', '--pretty', 'false'];
    const again = ['--incremental', '--tsBuildInfoFile', '.data/protections.tsbuildinfo'];
    try {
      await run(process.execPath, [compiler, ...settings, ...again], { cwd: dir });
      return null;
    } catch (error) {
      const { stdout = '', message } = error as { stdout?: string; message: string };
      return stdout.trim() || message;
    }
  }

  /**
   * Replaces pieces of the code; gives back the files as they were.
   *
   * @throws what `takeOut` throws; nothing is replaced then.
   */
  function edit(edits: readonly Edit[]): ReadonlyMap<string, string> {
    const before = new Map<string, string>();
    const after = new Map<string, string>();
    for (const each of edits) {
      const path = join(dir, each.file);
      const code = before.get(path) ?? readFileSync(path, 'utf8');
      before.set(path, code);
      after.set(path, takeOut(after.get(path) ?? code, each));
    }
    write(after);
    return before;
  }

  /** Writes the files, as they were or as they are to be. */
  function write(files: ReadonlyMap<string, string>): void {
    for (const [path, code] of files) writeFileSync(path, code);
  }

  return { build, edit, putBack: write };
}
