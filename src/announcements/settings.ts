import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An address that is told, and how. */
export interface AnnouncementReceiver {
  /** It may hold a password. */
  readonly url: string;
  readonly method: string;
}

const kinds = ['createService', 'removeService', 'createNode', 'removeNode'] as const;

/** What is told to whom. */
export type AnnouncementEvent = (typeof kinds)[number];

/** The settings of Docker Flow Swarm Listener. */
export interface AnnouncementSettings {
  /** The label of services that take part. */
  readonly label: string;
  /** Stands in front of the name of each service; `undefined`: nothing does. */
  readonly prefix: string | undefined;
  /** Whether services on a scrape network are sent with the addresses of their tasks. */
  readonly nodeInfo: boolean;
  /** Whether a service on a scrape network is announced before it has converged, and again then. */
  readonly immediately: boolean;
  /** How often a request is tried again, and how long after the last attempt. */
  readonly retries: number;
  readonly retryMs: number;
  readonly receivers: Readonly<Record<AnnouncementEvent, readonly AnnouncementReceiver[]>>;
}

/** Where Docker puts the secrets of a container. */
const dockerSecrets = '/run/secrets';

/** The variables of each event: the list of addresses, and older ones in its place. */
const variables: Readonly<Record<AnnouncementEvent, readonly [string, ...string[]]>> = {
  createService: [
    'DF_NOTIFY_CREATE_SERVICE_URL',
    'DF_NOTIF_CREATE_SERVICE_URL',
    'DF_NOTIFICATION_URL',
  ],
  removeService: [
    'DF_NOTIFY_REMOVE_SERVICE_URL',
    'DF_NOTIF_REMOVE_SERVICE_URL',
    'DF_NOTIFICATION_URL',
  ],
  createNode: ['DF_NOTIFY_CREATE_NODE_URL'],
  removeNode: ['DF_NOTIFY_REMOVE_NODE_URL'],
};

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'];
/** How Go writes `true`, which the settings were read with. */
const yes = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const defaultRetries = 50;
const defaultRetrySeconds = 5;

/**
 * Reads the settings of Docker Flow Swarm Listener as they are.
 *
 * @param options.secret reads a variable that may be given as a file
 * @param options.fault is told what cannot be read
 */
export function readAnnouncementSettings({
  text,
  secret,
  fault,
  secretsDir = dockerSecrets,
}: {
  readonly text: (name: string) => string | undefined;
  readonly secret: (name: string) => string | undefined;
  readonly fault: (fault: string) => void;
  readonly secretsDir?: string;
}): AnnouncementSettings {
  const number = (name: string, otherwise: number): number => {
    const given = text(name);
    if (given === undefined) return otherwise;
    if (/^\d{1,6}$/.test(given)) return Number(given);
    fault(`${name}: expected a whole number, got "${given}"`);
    return otherwise;
  };

  function receiversOf(event: AnnouncementEvent): readonly AnnouncementReceiver[] {
    const [name, ...older] = variables[event];
    const from = [name, ...older].find((one) => (secret(one) ?? '') !== '') ?? name;
    const secretName = name.toLowerCase();
    const urls = [
      ...listOf(secret(from)).map((url, index) => ({ url, place: `${from}: number ${index + 1}` })),
      ...listOf(secretIn(join(secretsDir, secretName))).map((url, index) => {
        return { url, place: `secret ${secretName}: number ${index + 1}` };
      }),
    ];
    const methodName = name.replace(/_URL$/, '_METHOD');
    const given = listOf(text(methodName)).map((method) => method.toUpperCase());
    const odd = given.find((method) => !methods.includes(method));
    if (odd !== undefined) {
      fault(`${methodName}: expected ${methods.join(', ')}, got "${odd}"`);
    }
    return urls.flatMap(({ url, place }, index) => {
      if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
        fault(
          `${place} is not an address such as http://proxy:8080/v1/docker-flow-proxy/reconfigure`,
        );
        return [];
      }
      return [{ url, method: given[index] ?? given.at(-1) ?? 'GET' }];
    });
  }

  return {
    label: text('DF_NOTIFY_LABEL') ?? 'com.df.notify',
    prefix: text('DF_SERVICE_NAME_PREFIX'),
    nodeInfo: yes.includes(text('DF_INCLUDE_NODE_IP_INFO') ?? ''),
    immediately: yes.includes(text('DF_NOTIFY_CREATE_SERVICE_IMMEDIATELY') ?? ''),
    retries: number('DF_RETRY', defaultRetries),
    retryMs: number('DF_RETRY_INTERVAL', defaultRetrySeconds) * 1_000,
    receivers: {
      createService: receiversOf('createService'),
      removeService: receiversOf('removeService'),
      createNode: receiversOf('createNode'),
      removeNode: receiversOf('removeNode'),
    },
  };
}

/** How many addresses are told of anything. */
export function countReceivers({ receivers }: Pick<AnnouncementSettings, 'receivers'>): number {
  return kinds.reduce((sum, kind) => sum + receivers[kind].length, 0);
}

function listOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(/[,\n]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function secretIn(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
