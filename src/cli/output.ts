import { visible } from '../lib/visible.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The values of `-o`: text for people, JSON for programs. */
export type Output = 'text' | 'json';

/** Tells whether to colour: on terminals, unless FORCE_COLOR or NO_COLOR decide. (https://no-color.org, https://force-color.org) */
export function wantsColor(env: Environment, isTerminal: boolean): boolean {
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Writes to standard output, and waits until it is written, because the process ends right after. */
export function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

/** Writes a value as `-o json` shows it. */
export function writeJson(value: unknown): Promise<void> {
  return write(jsonText(value));
}

/** A value as `-o json` shows it: every key in camel case, ending in a new line. */
export function jsonText(value: unknown): string {
  return `${visible(JSON.stringify(camelCased(value), null, 2), '\n')}\n`;
}

/** Fields whose keys are data: names of labels, parameters, fingerprints, checks. */
const keyedByData: ReadonlySet<string> = new Set([
  'labels',
  'annotations',
  'routeLabels',
  'params',
  'members',
  'ended',
  'checks',
]);

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      return [name, keyedByData.has(name) ? inner : camelCased(inner)];
    }),
  );
}
