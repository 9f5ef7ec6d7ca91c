import { hash } from 'node:crypto';
import type { Labels } from './alert.js';

/**
 * The identity of an alert: 32 hex digits of SHA-256 over its labels less the ignored ones. Alerts
 * with the same identity belong to the same episode.
 *
 * Names and values are written with their lengths, so that no choice of separators inside them
 * makes two label sets look alike. An empty label counts as missing, as in Alertmanager.
 */
export function identityOf(labels: Labels, ignoredLabels: ReadonlySet<string>): string {
  let text = '';
  for (const name of Object.keys(labels).sort()) {
    const value = labels[name] ?? '';
    if (value === '' || ignoredLabels.has(name)) continue;
    text += `${name.length}:${name}${value.length}:${value}`;
  }
  return hash('sha256', Buffer.from(text, 'utf16le')).slice(0, 32);
}
