import type { Alertmanager } from '../alert/alertmanager.js';
import { routesTo } from '../alert/alertmanager-routes.js';
import type { Config } from '../config.js';
import { messageOf } from '../errors.js';
import type { Slack } from '../escalation/slack.js';
import type { AutoScaling } from '../target/auto-scaling.js';
import type { Swarm } from '../target/swarm.js';

/** How one connection stands, and where it does not: why, and which variable to set. */
export interface Connection {
  readonly name:
    | 'Redis'
    | 'Workers'
    | 'Swarm'
    | 'AWS'
    | 'Slack'
    | 'Alertmanager'
    | 'Playbooks'
    | 'Audit';
  /** `unsafe`: it answers, but may lose what it was given. */
  readonly state: 'connected' | 'loaded' | 'unsafe' | 'failed' | 'not_configured';
  readonly detail: string;
}

/** How well the audit trail is sealed. */
export function auditConnection(isKept: boolean): Connection {
  return isKept
    ? notConfigured(
        'Audit',
        'sealed with a key kept in Redis, which shows accidents but not forgery by somebody who holds Redis; set JIDOKA_AUDIT_KEY',
      )
    : { name: 'Audit', state: 'loaded', detail: 'sealed with JIDOKA_AUDIT_KEY' };
}

interface Clients {
  readonly config: Config;
  readonly swarm: Swarm;
  readonly autoScaling: AutoScaling;
  readonly slack: Slack | undefined;
  readonly alertmanagers: readonly Alertmanager[];
}

/** Tries the connections to the outside, each with a harmless call. Never throws. */
export async function checkConnections(clients: Clients): Promise<readonly Connection[]> {
  return Promise.all([
    checkSwarm(clients),
    checkAws(clients),
    checkSlack(clients),
    checkAlertmanager(clients),
  ]);
}

async function checkSwarm({ config, swarm }: Clients): Promise<Connection> {
  return attempt(
    'Swarm',
    'set DOCKER_HOST to a Swarm manager, for example tcp://manager:2376',
    async () => {
      const { engineVersion, apiVersion } = await swarm.check();
      const where = config.dockerHost ?? 'the default socket';
      return `Docker ${engineVersion} (API ${apiVersion}), a manager, at ${where}`;
    },
  );
}

async function checkAws({ config, autoScaling }: Clients): Promise<Connection> {
  if (config.awsRegion === undefined) {
    return notConfigured('AWS', 'set AWS_REGION and credentials to resize Auto Scaling groups');
  }
  const endpoint = config.awsEndpointUrl === undefined ? '' : 'check AWS_ENDPOINT_URL; ';
  const advice = `${endpoint}credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or the machine's role`;
  return attempt('AWS', advice, async () => {
    const { region } = await autoScaling.check();
    const group = config.workerAsg || 'none (set JIDOKA_WORKER_ASG)';
    return `Auto Scaling in ${region}; group for worker nodes: ${group}`;
  });
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
      'it posts to us, which needs no setting here; set ALERTMANAGER_URL and ALERTMANAGER_RECEIVER so that what a delivery missed is caught up with',
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

async function attempt(
  name: Connection['name'],
  advice: string,
  call: () => Promise<string>,
): Promise<Connection> {
  try {
    return { name, state: 'connected', detail: await call() };
  } catch (error) {
    return { name, state: 'failed', detail: `${messageOf(error)}; ${advice}` };
  }
}

function notConfigured(name: Connection['name'], detail: string): Connection {
  return { name, state: 'not_configured', detail };
}
