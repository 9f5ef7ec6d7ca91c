import { readFileSync } from 'node:fs';
import { type AnnouncementSettings, readAnnouncementSettings } from '../announcements/settings.js';
import type { Environment } from '../integrations/contract/settings.js';
import { type OfEach, readSettings } from '../integrations/registry.js';
import { InputError, messageOf } from '../lib/errors.js';
import { isLoopback } from '../lib/http/loopback.js';
import { redisAddressFault } from '../lib/redis-address.js';

/** Which halves of the engine a process runs: it receives, it acts, or both. */
const roles = ['all', 'receiver', 'worker'] as const;

/** Everything the environment says, read once at start-up. */
export interface Config {
  readonly role: (typeof roles)[number];
  readonly port: number;
  /** The address to listen on. */
  readonly listen: string;
  /** Under which people's browsers reach the console, as an origin; `undefined`: messages link nowhere. */
  readonly externalUrl: string | undefined;
  /** `undefined`: start a Redis of our own. */
  readonly redisUrl: string | undefined;
  /** Prefix of every key in Redis; one cell is one engine's world. */
  readonly cell: string;
  /** The settings of each integration, by its name. */
  readonly integrations: OfEach;
  readonly slack: {
    readonly botToken: string | undefined;
    readonly signingSecret: string | undefined;
    /** For Socket Mode. */
    readonly appToken: string | undefined;
    readonly channel: string | undefined;
    readonly apiUrl: string | undefined;
  };
  /** The members of one Alertmanager cluster; empty: not configured. They may hold passwords. */
  readonly alertmanagerUrls: readonly string[];
  /** Prometheus' servers that are asked for the metric of an alert, in this order. They may hold passwords. */
  readonly prometheusUrls: readonly string[];
  /** The bearer token for them. */
  readonly prometheusToken: string | undefined;
  /** The name of the receiver that posts to us. */
  readonly alertmanagerReceiver: string | undefined;
  readonly workerAsg: string;
  /** What services' labels about their monitoring are read with. */
  readonly monitoring: {
    /** A file of shortcuts that comes before the shipped one. */
    readonly shortcuts: string | undefined;
    /** The network that services share with Prometheus. */
    readonly network: string | undefined;
    /** The labels of nodes that targets get. */
    readonly nodeLabels: readonly string[];
  };
  /** What stands in for Docker Flow's programs. */
  readonly dockerFlow: {
    /** The port of their addresses, which take no token; `undefined`: they are off. */
    readonly port: number | undefined;
    /** To whom services and nodes are announced. */
    readonly announcements: AnnouncementSettings;
  };
  readonly playbooks: string;
  /** `undefined`: `policy.yaml` beside the playbooks, if there is one. */
  readonly policy: string | undefined;
  readonly webhookToken: string | undefined;
  readonly adminToken: string | undefined;
  /** The setting that says that others reach this engine; `undefined`: nothing says so. */
  readonly facing: string | undefined;
  /** Only beside `adminToken`, and another. */
  readonly viewerToken: string | undefined;
  /** Keys that seal the audit trail: the present one first, then earlier ones. */
  readonly auditKeys: readonly string[];
  readonly logLevel: string;
}

const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Of a key that seals the audit trail, in characters. */
const shortestKey = 32;

/**
 * Reads the configuration from environment variables; each secret may also be given as the path of
 * a file in `NAME_FILE`. An empty variable counts as not set.
 *
 * @throws InputError that names every variable at fault.
 */
export function readConfig(env: Environment): Config {
  const faults: string[] = [];
  const text = (name: string) => env[name] || undefined;
  const secret = (name: string) => {
    try {
      return readSecret(env, name);
    } catch (error) {
      faults.push(messageOf(error));
      return undefined;
    }
  };

  const portIn = (name: string, given: string): number => {
    const port = Number(given);
    if (!Number.isInteger(port) || port < 0 || port > 65535) {
      faults.push(`${name}: expected a port number from 0 to 65535, got "${given}"`);
    }
    return port;
  };
  const port = portIn('PORT', text('PORT') ?? '9095');
  const dockerFlowPort = text('JIDOKA_DOCKER_FLOW_PORT');
  const logLevel = text('LOG_LEVEL') ?? 'info';
  if (!logLevels.includes(logLevel)) {
    faults.push(`LOG_LEVEL: expected one of ${logLevels.join(', ')}, got "${logLevel}"`);
  }
  const unauthenticated = text('JIDOKA_ALLOW_UNAUTHENTICATED') ?? 'false';
  if (!['true', 'false'].includes(unauthenticated)) {
    faults.push(`JIDOKA_ALLOW_UNAUTHENTICATED: expected true or false, got "${unauthenticated}"`);
  }
  const roleText = text('JIDOKA_ROLE') ?? 'all';
  const role = roles.find((one) => one === roleText) ?? 'all';
  if (role !== roleText) {
    faults.push(`JIDOKA_ROLE: expected one of ${roles.join(', ')}, got "${roleText}"`);
  }
  const webhookToken = secret('JIDOKA_WEBHOOK_TOKEN');
  // no one can have a worker do anything: it only tells how it is
  const anywhere = webhookToken !== undefined || unauthenticated === 'true' || role === 'worker';
  const listen = text('JIDOKA_LISTEN') ?? (anywhere ? '0.0.0.0' : '127.0.0.1');
  if (!anywhere && !isLoopback(listen)) {
    faults.push(
      `JIDOKA_LISTEN: other machines can reach ${listen} and make ` +
        'Jidoka act. Set JIDOKA_WEBHOOK_TOKEN, or set JIDOKA_ALLOW_UNAUTHENTICATED=true if the network is closed.',
    );
  }
  const externalText = text('JIDOKA_EXTERNAL_URL');
  const externalUrl = externalText === undefined ? undefined : originOf(externalText);
  if (externalText !== undefined && externalUrl === undefined) {
    faults.push(
      'JIDOKA_EXTERNAL_URL: expected the address of the console as browsers reach it, without user, path or query, such as https://jidoka.example.com',
    );
  }
  const adminToken = secret('JIDOKA_ADMIN_TOKEN');
  const viewerToken = secret('JIDOKA_VIEWER_TOKEN');
  if (viewerToken !== undefined && (adminToken === undefined || viewerToken === adminToken)) {
    faults.push(
      'JIDOKA_VIEWER_TOKEN: expected JIDOKA_ADMIN_TOKEN too, with another token: it can change things, and viewers cannot',
    );
  }
  const redisUrl = secret('REDIS_URL');
  const redisFault = redisUrl === undefined ? null : redisAddressFault(redisUrl);
  if (redisFault !== null) faults.push(`REDIS_URL: ${redisFault}`);
  if (redisUrl === undefined && role !== 'all') {
    faults.push(
      `REDIS_URL: JIDOKA_ROLE=${role} needs the Redis of the other engines; only JIDOKA_ROLE=all starts its own`,
    );
  }
  /** Reads a list of addresses, which may hold passwords. */
  const addresses = (name: string, example: string): readonly string[] => {
    const urls = (secret(name) ?? '')
      .split(',')
      .map((url) => url.trim())
      .filter((url) => url !== '');
    for (const [index, url] of urls.entries()) {
      if (/^https?:\/\//.test(url) && URL.canParse(url)) continue;
      faults.push(
        `${name}: expected addresses such as ${example}, separated by commas; number ${index + 1} is not one`,
      );
    }
    return urls;
  };
  const alertmanagerUrls = addresses('ALERTMANAGER_URL', 'http://alertmanager:9093');
  const prometheusUrls = addresses('PROMETHEUS_URL', 'http://prometheus:9090');
  const prometheusToken = secret('PROMETHEUS_TOKEN');
  if (prometheusToken !== undefined && prometheusUrls.length === 0) {
    faults.push('PROMETHEUS_TOKEN: expected PROMETHEUS_URL too: nothing else uses the token');
  }
  const auditKeys = (secret('JIDOKA_AUDIT_KEY') ?? '').split(/\s+/).filter((key) => key !== '');
  if (auditKeys.some((key) => key.length < shortestKey)) {
    faults.push(
      `JIDOKA_AUDIT_KEY: expected keys of at least ${shortestKey} characters, such as the output of "openssl rand -hex 32"`,
    );
  }
  const integrations = readSettings({
    text,
    secret,
    names: [...new Set(Object.keys(env).map((name) => name.replace(/_FILE$/, '')))],
    fault: (fault) => faults.push(fault),
  });
  const appToken = secret('SLACK_APP_TOKEN');
  if (appToken !== undefined && !appToken.startsWith('xapp-')) {
    faults.push(
      'SLACK_APP_TOKEN: expected an app-level token, which begins with xapp- (SLACK_BOT_TOKEN is the one that begins with xoxb-)',
    );
  }
  const signingSecret = secret('SLACK_SIGNING_SECRET');
  const facing = [
    webhookToken !== undefined && 'JIDOKA_WEBHOOK_TOKEN',
    externalUrl !== undefined && 'JIDOKA_EXTERNAL_URL',
    signingSecret !== undefined && 'SLACK_SIGNING_SECRET',
    !isLoopback(listen) && (env.JIDOKA_LISTEN ? 'JIDOKA_LISTEN' : 'JIDOKA_ALLOW_UNAUTHENTICATED'),
  ].find((name) => name !== false);
  const config: Config = {
    role,
    port,
    listen,
    externalUrl,
    redisUrl,
    cell: text('JIDOKA_CELL') ?? 'jidoka',
    integrations,
    slack: {
      botToken: secret('SLACK_BOT_TOKEN'),
      signingSecret,
      appToken,
      channel: text('SLACK_CHANNEL'),
      apiUrl: text('SLACK_API_URL'),
    },
    alertmanagerUrls,
    prometheusUrls,
    prometheusToken,
    alertmanagerReceiver: text('ALERTMANAGER_RECEIVER'),
    workerAsg: text('JIDOKA_WORKER_ASG') ?? '',
    monitoring: {
      shortcuts: text('JIDOKA_SHORTCUTS'),
      network: text('JIDOKA_SCRAPE_NETWORK'),
      nodeLabels: (text('JIDOKA_TARGET_NODE_LABELS') ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    },
    dockerFlow: {
      port:
        dockerFlowPort === undefined
          ? undefined
          : portIn('JIDOKA_DOCKER_FLOW_PORT', dockerFlowPort),
      announcements: readAnnouncementSettings({ text, secret, fault: (one) => faults.push(one) }),
    },
    ...readPlaybookPaths(env),
    webhookToken,
    adminToken,
    facing,
    viewerToken,
    auditKeys,
    logLevel,
  };
  if (faults.length > 0) throw new InputError(faults.join('\n'), 'environment');
  return config;
}

/** Where the playbooks and their policy are; read alone by commands that need nothing else. */
export function readPlaybookPaths(env: Environment): Pick<Config, 'playbooks' | 'policy'> {
  return {
    playbooks: env.JIDOKA_PLAYBOOKS || 'playbooks',
    policy: env.JIDOKA_POLICY || undefined,
  };
}

/** An address that is an origin and nothing more: the console's pages stand at the root of their host. */
function originOf(text: string): string | undefined {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const { origin, href } = new URL(text);
  return href === `${origin}/` ? origin : undefined;
}

/** Reads a secret from a variable, or from the file that `NAME_FILE` names. Throws where both are set. */
export function readSecret(env: Environment, name: string): string | undefined {
  const file = env[`${name}_FILE`];
  if (!file) return env[name] || undefined;
  if (env[name]) throw new Error(`${name} and ${name}_FILE are both set: set one of them`);
  try {
    const content = readFileSync(file, 'utf8').trim();
    if (content === '') throw new Error('the file is empty');
    return content;
  } catch (error) {
    throw new Error(`${name}_FILE: cannot read ${file}: ${messageOf(error)}`);
  }
}
