import type { Alertmanager } from '../alertmanager/alertmanager.js';
import { routesTo } from '../alertmanager/alertmanager-routes.js';
import { tryConnection } from '../integrations/contract/connected.js';
import type { ConnectedIntegration } from '../integrations/registry.js';
import type { Prometheus } from '../prometheus/prometheus.js';
import type { Slack } from '../slack/client.js';
import type { Config } from './config.js';

/** How one connection stands, and where it does not: why, and which variable to set. */
export interface Connection {
  readonly name: string;
  /** `unsafe`: it answers, but may lose what it was given. */
  readonly state: 'connected' | 'loaded' | 'unsafe' | 'failed' | 'not_configured';
  readonly detail: string;
}

/** Whether the audit trail is sealed. */
export function auditConnection({ auditKeys }: Pick<Config, 'auditKeys'>): Connection {
  return auditKeys.length === 0
    ? notConfigured(
        'Audit',
        'set JIDOKA_AUDIT_KEY to seal the audit trail; until then nothing shows whether its records were changed',
      )
    : { name: 'Audit', state: 'loaded', detail: 'sealed with JIDOKA_AUDIT_KEY' };
}

interface Clients {
  readonly config: Config;
  readonly connected: readonly ConnectedIntegration[];
  readonly slack: Slack | undefined;
  readonly alertmanagers: readonly Alertmanager[];
  readonly prometheuses: readonly Prometheus[];
}

/** Tries the connections to the outside, each with a harmless call. Never throws. */
export async function checkConnections(clients: Clients): Promise<readonly Connection[]> {
  const [slack, alertmanager, prometheus, ...integrations] = await Promise.all([
    checkSlack(clients),
    checkAlertmanager(clients),
    checkPrometheus(clients),
    ...clients.connected.map(checkIntegration),
  ]);
  return [...integrations.flat(), slack, alertmanager, prometheus];
}

async function checkIntegration({
  title,
  check,
}: ConnectedIntegration): Promise<readonly Connection[]> {
  const found = await check();
  return found === undefined ? [] : [{ name: title, ...found }];
}

async function checkSlack({ config, slack }: Clients): Promise<Connection> {
  if (slack === undefined) {
    return notConfigured(
      'Slack',
      'set SLACK_BOT_TOKEN, SLACK_CHANNEL and SLACK_SIGNING_SECRET or SLACK_APP_TOKEN; until then people are asked on the console only',
    );
  }
  const { channel, signingSecret, appToken, apiUrl } = config.slack;
  const advice =
    apiUrl === undefined ? 'check SLACK_BOT_TOKEN' : 'check SLACK_BOT_TOKEN and SLACK_API_URL';
  return attempt('Slack', advice, async () => {
    const { team, user } = await slack.check();
    const to = channel ?? 'no channel (set SLACK_CHANNEL)';
    const isDeaf = signingSecret === undefined && appToken === undefined;
    const buttons = isDeaf
      ? '; buttons do not work: set SLACK_SIGNING_SECRET or SLACK_APP_TOKEN'
      : '';
    return `${team} as ${user}, posting to ${to}${buttons}`;
  });
}

async function checkAlertmanager({ config, alertmanagers }: Clients): Promise<Connection> {
  if (alertmanagers.length === 0) {
    return notConfigured(
      'Alertmanager',
      'set ALERTMANAGER_URL and ALERTMANAGER_RECEIVER, so that Jidoka opens alerts whose notification was lost, and creates silences',
    );
  }
  return attempt('Alertmanager', 'check ALERTMANAGER_URL', async () => {
    const { alertmanagerReceiver: receiver } = config;
    const members = await Promise.all(
      alertmanagers.map(async (member) => ({ name: member.name, ...(await member.status()) })),
    );
    const versions = members.map(({ name, version }) => `${name} version ${version}`).join(', ');
    if (receiver === undefined) {
      return `${versions}; nothing is opened from there: set ALERTMANAGER_RECEIVER to the name of the receiver that posts to us`;
    }
    const strangers = members.filter(({ config }) => routesTo(receiver, config)?.exists !== true);
    if (strangers.length === 0) return `${versions}; receiver ${receiver}`;
    const names = strangers.map(({ name }) => name).join(', ');
    throw new Error(`${names} shows no receiver ${receiver}; check ALERTMANAGER_RECEIVER`);
  });
}

async function checkPrometheus({ prometheuses }: Clients): Promise<Connection> {
  if (prometheuses.length === 0) {
    return notConfigured(
      'Prometheus',
      'set PROMETHEUS_URL so that escalations and runs show the metric of their alert',
    );
  }
  return attempt('Prometheus', 'check PROMETHEUS_URL', async () => {
    const versions = await Promise.all(
      prometheuses.map(async (member) => `${member.name} version ${await member.version()}`),
    );
    return versions.join(', ');
  });
}

async function attempt(
  name: string,
  advice: string,
  call: () => Promise<string>,
): Promise<Connection> {
  return { name, ...(await tryConnection(advice, call)) };
}

function notConfigured(name: string, detail: string): Connection {
  return { name, state: 'not_configured', detail };
}
