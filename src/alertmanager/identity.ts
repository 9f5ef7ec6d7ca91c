import { shortHash } from '../lib/short-hash.js';
import type { Labels } from './alert.js';
import type { Received } from './received.js';
import { isCommand, type Source } from './source.js';

const none: ReadonlySet<string> = new Set();

/**
 * The identity of an alert of a source. Alerts of two sources are never one, so that none can pass for
 * a call, or end what another one reported. All parameters of a command say what is asked for.
 */
export function identityIn(
  source: Source,
  labels: Labels,
  ignoredLabels: ReadonlySet<string>,
): string {
  const prefix = source === 'alertmanager' ? '' : `${source}:`;
  return identityOf(labels, isCommand(source) ? none : ignoredLabels, prefix);
}

/**
 * The identity of an alert of a notification. A run by hand is told from others by its key alone: the same
 * request that is sent again is the same one, and any other request is another one.
 */
export function identityOfReceived(
  { source, manual }: Pick<Received, 'source' | 'manual'>,
  labels: Labels,
  ignoredLabels: ReadonlySet<string>,
): string {
  if (manual !== undefined) return shortHash(`manual:${manual.key}`);
  return identityIn(source, labels, ignoredLabels);
}

/**
 * The identity of an alert: 32 hex digits of SHA-256 over its labels less the ignored ones. Alerts
 * with the same identity belong to the same episode.
 *
 * Names and values are written with their lengths, so that no choice of separators inside them
 * makes two label sets look alike. An empty label counts as missing, as in Alertmanager.
 *
 * @param prefix begins with a letter, if it is not empty: a label's length never does
 */
export function identityOf(
  labels: Labels,
  ignoredLabels: ReadonlySet<string>,
  prefix = '',
): string {
  let text = prefix;
  for (const name of Object.keys(labels).sort()) {
    const value = labels[name] ?? '';
    if (value === '' || ignoredLabels.has(name)) continue;
    text += `${name.length}:${name}${value.length}:${value}`;
  }
  return shortHash(Buffer.from(text, 'utf16le'));
}
