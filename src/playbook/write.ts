import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SourceFile } from './file.js';

/**
 * Adds files to the folder of the playbooks, which must be there, one after another; where one cannot be added, those before
 * it are taken out again.
 *
 * @throws the error of the file system.
 */
export async function addFiles(folder: string, files: readonly SourceFile[]): Promise<void> {
  // one that has vanished for a moment is not made again: what was in it would be taken for deleted
  await stat(folder);
  const added: string[] = [];
  try {
    for (const each of files) {
      if (await addFile(folder, each)) added.push(each.file);
    }
  } catch (error) {
    for (const file of added) await rm(join(folder, file), { force: true });
    throw error;
  }
}

/**
 * Adds a file to the folder of the playbooks: whole or not at all, on the disk when this returns, and
 * never over another. One that holds the same already is left as it is (`false`).
 *
 * @throws the error of the file system; EEXIST for a file of that name that holds something else.
 */
async function addFile(folder: string, { file, text }: SourceFile): Promise<boolean> {
  const path = join(folder, file);
  const dir = dirname(path);
  await mkdir(dir, { recursive: true });
  // names that begin with a dot are not read as playbooks
  const draft = join(dir, `.${randomUUID()}.tmp`);
  try {
    const handle = await open(draft, 'wx', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(draft, path);
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (!isThere || (await readFile(path, 'utf8')) !== text) throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
  const entry = await open(dir);
  try {
    await entry.sync();
  } finally {
    await entry.close();
  }
  return true;
}
