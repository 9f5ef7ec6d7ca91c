import { parse } from 'yaml';
import type { Expected } from './alertmanager.js';
import { type Finding, note, ok, warning, wrong } from './finding.js';

const webhookPath = '/webhooks/alertmanager';
/** What Alertmanager shows instead of a secret; since 0.26 the address of a webhook is one. */
const hidden = '<secret>';

interface Webhook {
  readonly url?: string;
  readonly url_file?: string;
  readonly send_resolved?: boolean;
  readonly max_alerts?: number;
  readonly http_config?: Readonly<Record<string, unknown>>;
}

interface Receiver {
  readonly name: string;
  readonly webhook_configs?: readonly Webhook[];
}

interface Route {
  readonly receiver?: string;
  readonly routes?: readonly Route[];
  readonly continue?: boolean;
  readonly match?: object;
  readonly match_re?: object;
  readonly matchers?: readonly unknown[];
}

/** Whether a configuration, as Alertmanager has loaded it, sends every alert here, resolved ones too. */
export function examineAlertmanagerConfig(
  text: string | null,
  expected: Expected,
): readonly Finding[] {
  const config = readConfiguration(text);
  if (config === undefined) return [note('its configuration could not be seen')];
  const { route, receivers } = config;
  const ours = receivers.flatMap(({ name, webhook_configs = [] }) =>
    webhook_configs.filter(({ url }) => isOurs(url)).map((webhook) => ({ name, webhook })),
  );
  const secret = receivers.flatMap(({ name, webhook_configs = [] }) =>
    webhook_configs.filter(isHidden).map((webhook) => ({ name, webhook })),
  );
  const named = secret.filter(({ name }) => name === expected.receiver);
  const found = ours.length > 0 ? ours : named;
  if (found.length > 0) {
    const reached = new Set(reachedFrom(route, ''));
    return found.flatMap(({ name, webhook }) => examineReceiver(name, webhook, expected, reached));
  }
  if (secret.length > 0 && expected.receiver === undefined) {
    return [
      note(
        'it hides the addresses of webhooks: set ALERTMANAGER_RECEIVER to the name of the receiver that posts here, and it is looked at',
      ),
    ];
  }
  return [
    wrong(
      expected.receiver === undefined || receivers.some(({ name }) => name === expected.receiver)
        ? `no receiver posts to ${webhookPath}`
        : `there is no receiver ${expected.receiver}, as ALERTMANAGER_RECEIVER has it`,
      'no alert of this Alertmanager arrives here',
      'give it the receiver and the route of the README ("Wire it into your Alertmanager")',
    ),
  ];
}

function examineReceiver(
  name: string,
  webhook: Webhook,
  expected: Expected,
  reached: ReadonlySet<string>,
): Finding[] {
  const faults: Finding[] = [];
  if (!reached.has(name)) {
    faults.push(
      wrong(
        `no route leads to the receiver ${name}`,
        'no alert of this Alertmanager arrives here',
        `add "- receiver: ${name}" with "continue: true" before the routes that take every alert`,
      ),
    );
  }
  if (webhook.send_resolved === false && expected.sendResolved) {
    faults.push(
      wrong(
        `the receiver ${name} has send_resolved: false`,
        'Jidoka never hears that an alert resolved, goes on acting, and reports that nothing helped',
        'set send_resolved: true; or, if it has to be so, alertmanager.send_resolved: false in policy.yaml',
      ),
    );
  }
  if ((webhook.max_alerts ?? 0) > 0) {
    faults.push(
      wrong(
        `the receiver ${name} has max_alerts: ${webhook.max_alerts}`,
        'Alertmanager leaves the alerts beyond it out, and counts them as sent',
        'set max_alerts: 0',
      ),
    );
  }
  if (expected.token && !sendsCredentials(webhook)) {
    faults.push(
      wrong(
        `the receiver ${name} sends no token, and JIDOKA_WEBHOOK_TOKEN is set`,
        'every notification is refused with 401, which Alertmanager does not send again',
        'set http_config.authorization.credentials to the token',
      ),
    );
  }
  if (expected.receiver !== undefined && expected.receiver !== name) {
    faults.push(
      wrong(
        `ALERTMANAGER_RECEIVER is ${expected.receiver}, and the receiver that posts here is ${name}`,
        'what is read from its API is then not what is sent here',
        `set ALERTMANAGER_RECEIVER=${name}`,
      ),
    );
  }
  if (expected.receiver === undefined) {
    faults.push(
      warning(
        'ALERTMANAGER_RECEIVER is not set',
        'which alerts are meant for here is not known, so that what was not delivered is not caught up with',
        `set ALERTMANAGER_RECEIVER=${name}`,
      ),
    );
  }
  return faults.length > 0
    ? faults
    : [ok(`its receiver ${name} posts here, all alerts, resolved ones too`)];
}

function readConfiguration(text: string | null) {
  if (text === null || text === '') return undefined;
  try {
    const { route, receivers } = parse(text) as { route?: Route; receivers?: readonly Receiver[] };
    if (typeof route !== 'object' || route === null || !Array.isArray(receivers)) return undefined;
    return { route, receivers: receivers as readonly Receiver[] };
  } catch {
    return undefined;
  }
}

function isOurs(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && new URL(url).pathname.endsWith(webhookPath);
}

function isHidden({ url, url_file }: Webhook): boolean {
  return url === hidden || url_file !== undefined;
}

function sendsCredentials({ http_config = {} }: Webhook): boolean {
  return ['authorization', 'basic_auth', 'oauth2', 'http_headers'].some(
    (way) => http_config[way] !== undefined && http_config[way] !== null,
  );
}

/** The receivers that an alert can reach. A route gets what none of its own routes takes. */
function reachedFrom(route: Route, inherited: string): readonly string[] {
  const receiver = route.receiver || inherited;
  const reached: string[] = [];
  for (const child of route.routes ?? []) {
    reached.push(...reachedFrom(child, receiver));
    if (!takesEverything(child)) continue;
    if (child.continue !== true) return reached;
  }
  return (route.routes ?? []).some(takesEverything) ? reached : [...reached, receiver];
}

function takesEverything({ match, match_re, matchers }: Route): boolean {
  return [match ?? {}, match_re ?? {}, matchers ?? []].every(
    (conditions) => Object.keys(conditions).length === 0,
  );
}
