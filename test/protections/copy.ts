import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Edit, takeOut } from './removals.js';

/** What is not copied: packages are linked, the rest is made anew. */
const left = new Set(['node_modules', 'dist', '.data', '.git', 'coverage']);

export type Copy = ReturnType<typeof copyCheckout>;

/**
 * A copy of a checkout, uncommitted changes included, in which protections are taken out; the checkout
 * itself is never touched. Remove it at the end.
 */
export function copyCheckout(root: string) {
  const dir = mkdtempSync(join(tmpdir(), 'jidoka-protections-'));
  cpSync(root, dir, {
    recursive: true,
    filter: (source) => !left.has(source.slice(root.length + 1)),
  });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));

  /** Compiles `src/` to `dist/`; gives back what the compiler says if it finds fault. */
  function build(): string | null {
    const compiler = join(dir, 'node_modules/typescript/bin/tsc');
    const settings = ['-p', 'tsconfig.build.json', '--noEmitOnError', '--pretty', 'false'];
    const { status, stdout } = spawnSync(
      process.execPath,
      [
        compiler,
        ...settings,
        '--incremental',
        '--tsBuildInfoFile',
        '.data/protections.tsbuildinfo',
      ],
      { cwd: dir, encoding: 'utf8' },
    );
    return status === 0 ? null : stdout.trim();
  }

  /** Replaces pieces of the code; gives back the files as they were. */
  function edit(edits: readonly Edit[]): ReadonlyMap<string, string> {
    const before = new Map<string, string>();
    for (const each of edits) {
      const path = join(dir, each.file);
      const code = readFileSync(path, 'utf8');
      if (!before.has(path)) before.set(path, code);
      writeFileSync(path, takeOut(code, each));
    }
    return before;
  }

  return {
    dir,
    build,
    edit,
    putBack(before: ReadonlyMap<string, string>): void {
      for (const [path, code] of before) writeFileSync(path, code);
    },
    remove: () => rmSync(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }),
  };
}
