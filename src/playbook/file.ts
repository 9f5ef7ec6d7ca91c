import { type Dirent, readFile } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A file of a playbook folder, its path relative to the folder and with slashes. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** With thousands of files the one of `fs/promises` takes three times as long. */
const readText = promisify(readFile);

/** So that a large folder does not use up what a process may have open. */
const filesAtOnce = 64;

/**
 * Reads every `*.yaml` and `*.yml` below a folder, in the order of their relative paths. Symbolic
 * links are followed. Names that begin with a dot (where Kubernetes keeps the files behind the links
 * of a mounted ConfigMap) and tests (`*.test.yaml`) are left out.
 *
 * @throws the error of the file system: a folder that cannot be read is not an empty one.
 */
export function readFolder(folder: string): Promise<SourceFile[]> {
  return readFiles(folder, (name) => /\.ya?ml$/.test(name) && !isTest(name));
}

/** Reads the tests of the playbooks below a folder, in the same way. */
export function readTests(folder: string): Promise<SourceFile[]> {
  return readFiles(folder, isTest);
}

/** Whether a file of that name holds tests of playbooks: `scale-up.test.yaml`. */
export function isTest(name: string): boolean {
  return /\.test\.ya?ml$/.test(name);
}

async function readFiles(
  folder: string,
  isWanted: (name: string) => boolean,
): Promise<SourceFile[]> {
  const files = await listFiles(folder, '', new Set(), isWanted);
  files.sort((a, b) => (a < b ? -1 : 1));
  const read: SourceFile[] = [];
  for (let start = 0; start < files.length; start += filesAtOnce) {
    const some = files.slice(start, start + filesAtOnce);
    const texts = await Promise.all(some.map((file) => readText(join(folder, file), 'utf8')));
    read.push(...some.map((file, index) => ({ file, text: texts[index] ?? '' })));
  }
  return read;
}

/** `above` holds the folders on the way here, so that a link back to one of them ends there. */
async function listFiles(
  folder: string,
  prefix: string,
  above: ReadonlySet<string>,
  isWanted: (name: string) => boolean,
): Promise<string[]> {
  const real = await realpath(folder);
  if (above.has(real)) return [];
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (name.startsWith('.')) continue;
    const path = join(folder, name);
    if (await isFolder(entry, path)) {
      const within = new Set([...above, real]);
      files.push(...(await listFiles(path, `${prefix}${name}/`, within, isWanted)));
    } else if (isWanted(name)) {
      files.push(prefix + name);
    }
  }
  return files;
}

async function isFolder(entry: Dirent, path: string): Promise<boolean> {
  return entry.isSymbolicLink() ? (await stat(path)).isDirectory() : entry.isDirectory();
}
