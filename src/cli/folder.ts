import { stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { messageOf } from '../lib/errors.js';
import { withinDeadline } from '../lib/hanging.js';
import { UsageError } from './usage-error.js';

/** @throws UsageError where there is nothing at the path, or it cannot be read. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return await withinDeadline(async (at) => {
      at(path);
      return (await stat(path)).isDirectory();
    });
  } catch (error) {
    throw new UsageError(
      `cannot read playbooks: ${messageOf(error)}; name a folder of playbooks, or set JIDOKA_PLAYBOOKS`,
    );
  }
}

/** Whether a path lies in a folder, however deep. */
export function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return !way.startsWith('..') && !isAbsolute(way);
}
