import { maskSecrets } from '../integrations/contract/mask-secrets.js';
import { withoutSecret } from '../integrations/contract/without-secret.js';

/** The longest line that is kept, in characters. */
const longestLine = 500;

/**
 * A line of a log as evidence keeps it: without what is a secret or looks like one, and cut only then, so that
 * no half of one is left.
 *
 * @param secrets what the engine knows to be secret
 */
export function logLine(line: string, secrets: readonly string[]): string {
  const masked = maskSecrets(secrets.reduce(withoutSecret, line));
  return masked.length > longestLine ? `${masked.slice(0, longestLine)}…` : masked;
}
