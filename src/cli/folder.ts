import { stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { InputError, messageOf } from '../errors.js';

/** @throws InputError where there is nothing at the path, or it cannot be read. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    throw new InputError(
      `${path} cannot be read: ${messageOf(error)}; name a folder of playbooks, or set JIDOKA_PLAYBOOKS`,
      path,
    );
  }
}

/** Whether a path lies in a folder, however deep. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith('..') && !isAbsolute(way);
}
