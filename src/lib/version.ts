import { readFileSync } from 'node:fs';

/** Returns the version of this program, from its package.json. */
export function ownVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}
