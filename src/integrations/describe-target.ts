import type { Target } from './contract/change.js';
import { integrations } from './registry.js';

const nouns: ReadonlyMap<string, string> = new Map(
  integrations.flatMap((one) => Object.entries<string>(one.nouns)),
);

/** What people call a target of this kind: `service`; the empty text where its name says it. */
export function nounOf({ id }: Target): string {
  return nouns.get(id.slice(0, id.indexOf('/'))) ?? '';
}

/** Calls a target by what it is and its name: `service web`. */
export function describeTarget({ id, name }: Target): string {
  const noun = nounOf({ id, name });
  return noun === '' ? name : `${noun} ${name}`;
}
