import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where this user keeps an admin token: outside the checkout, so that it gets into no repository and no
 * image (XDG Base Directory Specification).
 */
export function adminTokenPath({ XDG_CONFIG_HOME, HOME }: Environment): string {
  const isUsable = XDG_CONFIG_HOME !== undefined && isAbsolute(XDG_CONFIG_HOME);
  const folder = isUsable ? XDG_CONFIG_HOME : join(HOME || homedir(), '.config');
  return join(folder, 'jidoka', 'admin-token');
}

/**
 * Makes an admin token that only this user can read, unless there is one.
 *
 * @returns whether it was made now
 * @throws what writing the file throws.
 */
export function makeAdminToken(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // whole or not at all, however many start at the same time
  const draft = `${path}.${process.pid}`;
  try {
    writeFileSync(draft, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 });
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Reads that token; `undefined` where there is none, or none for this user. */
export function readAdminToken(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
}
