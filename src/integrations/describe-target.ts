import type { Target } from './contract/change.js';
import { integrations } from './registry.js';

const nouns: ReadonlyMap<string, string> = new Map(
  integrations.flatMap((one) => Object.entries<string>(one.nouns)),
);

/** Calls a target by what it is and its name: `service web`. */
export function describeTarget({ id, name }: Target): string {
  const noun = nouns.get(id.slice(0, id.indexOf('/'))) ?? '';
  return noun === '' ? name : `${noun} ${name}`;
}
