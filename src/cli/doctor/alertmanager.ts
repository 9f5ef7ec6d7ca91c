import { createAlertmanager } from '../../alertmanager/alertmanager.js';
import { messageOf } from '../../lib/errors.js';
import { type Finding, note, ok, wrong } from '../../lib/finding.js';
import { examineAlertmanagerConfig } from './alertmanager-config.js';
import type { Expected } from './expected-receiver.js';

interface AlertmanagerOptions {
  readonly urls: readonly string[];
  readonly expected: Expected;
  readonly timeoutMs: number;
}

/** Looks at each Alertmanager: whether it answers, and whether its configuration sends alerts here in full. */
export async function examineAlertmanagers(
  options: AlertmanagerOptions,
): Promise<readonly Finding[]> {
  const { urls } = options;
  if (urls.length === 0) {
    return [
      note(
        'ALERTMANAGER_URL is not set: what was not delivered is not caught up with, and its configuration cannot be seen',
      ),
    ];
  }
  const findings = await Promise.all(urls.map((url) => examineOne(url, options)));
  return findings.flat();
}

async function examineOne(
  url: string,
  { expected, timeoutMs }: AlertmanagerOptions,
): Promise<readonly Finding[]> {
  const alertmanager = createAlertmanager({ url, timeoutMs });
  try {
    const { version, config } = await alertmanager.status();
    return [
      ok(`version ${version} at ${alertmanager.name}`),
      ...examineAlertmanagerConfig(config, expected),
    ];
  } catch (error) {
    return [
      wrong(
        messageOf(error),
        'what it did not deliver is not caught up with; it may still post here',
        'check that it runs, and ALERTMANAGER_URL (http://host:9093, several with commas between them)',
      ),
    ];
  }
}
