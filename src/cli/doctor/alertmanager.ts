import { messageOf } from '../../errors.js';
import { examineAlertmanagerConfig } from './alertmanager-config.js';
import { type Finding, note, ok, wrong } from './finding.js';

/** What is expected of the configuration of Alertmanager. */
export interface Expected {
  /** `ALERTMANAGER_RECEIVER` */
  readonly receiver: string | undefined;
  /** Whether the policy says that resolved alerts are sent. */
  readonly sendResolved: boolean;
  /** Whether the webhook wants a token. */
  readonly token: boolean;
}

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
        'ALERTMANAGER_URL is not set: whether its configuration sends alerts here cannot be seen',
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
  const { base, authorization } = splitAddress(url);
  try {
    const { version, config } = await readStatus(base, authorization, timeoutMs);
    return [ok(`version ${version} at ${base}`), ...examineAlertmanagerConfig(config, expected)];
  } catch (error) {
    return [
      wrong(
        `${base}: ${messageOf(error)}`,
        'what Alertmanager knows cannot be read; it may still post here',
        'check that it runs, and ALERTMANAGER_URL (http://host:9093, several with commas between them)',
      ),
    ];
  }
}

async function readStatus(base: string, authorization: string | undefined, timeoutMs: number) {
  const answer = await fetch(`${base}/api/v2/status`, {
    headers: authorization === undefined ? {} : { authorization },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`it answered ${answer.status}`);
  const status = (await answer.json()) as {
    readonly versionInfo?: { readonly version?: string };
    readonly config?: { readonly original?: string };
  };
  return {
    version: status.versionInfo?.version ?? 'unknown',
    config: status.config?.original,
  };
}

/** `fetch` takes no user and password in an address, and they are not to be shown. */
function splitAddress(url: string) {
  if (!URL.canParse(url))
    return { base: 'an address that cannot be read', authorization: undefined };
  const address = new URL(url);
  const { username, password } = address;
  const base = `${address.origin}${address.pathname}`.replace(/\/+$/, '');
  if (username === '' && password === '') return { base, authorization: undefined };
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { base, authorization: `Basic ${Buffer.from(credentials).toString('base64')}` };
}
