import type { Labels } from '../monitoring/described-service.js';
import type { AnnouncedNode, AnnouncedService } from './announced-world.js';
import type { AnnouncementSettings } from './settings.js';

/** The parameters of a request, by their names. */
export type Parameters = Readonly<Record<string, string>>;

const prefix = 'com.df.';
/** The network on which a service is scraped, and for which it has to be converged. */
export const networkLabel = `${prefix}scrapeNetwork`;

/** Whether a service is announced. */
export function isAnnounced(labels: Labels, { label }: Pick<AnnouncementSettings, 'label'>) {
  return labels[label]?.toLowerCase() === 'true';
}

/** The name of a service in its announcements. */
export function announcedName(
  { name, labels }: Pick<AnnouncedService, 'name' | 'labels'>,
  settings: Pick<AnnouncementSettings, 'prefix'>,
): string {
  const stack = labels['com.docker.stack.namespace'];
  const isShort = labels[`${prefix}shortName`]?.toLowerCase() === 'true';
  const cut = isShort && stack && name.startsWith(`${stack}_`) ? stack.length + 1 : 0;
  const short = name.slice(cut);
  return settings.prefix === undefined ? short : `${settings.prefix}_${short}`;
}

/** What is sent when a service was created or changed. */
export function serviceParameters(
  service: AnnouncedService,
  nodes: readonly Pick<AnnouncedNode, 'id' | 'name'>[],
  settings: Pick<AnnouncementSettings, 'prefix' | 'nodeInfo'>,
): Parameters {
  const { labels, replicas } = service;
  const info = settings.nodeInfo ? nodeInfo(service, nodes) : undefined;
  return {
    ...serviceRemoval(service, settings),
    ...(replicas === undefined ? {} : { replicas: String(replicas) }),
    ...(labels[networkLabel] === undefined || info === undefined ? {} : { nodeInfo: info }),
  };
}

/** What is sent when a service was removed. */
export function serviceRemoval(
  service: Pick<AnnouncedService, 'name' | 'labels'>,
  settings: Pick<AnnouncementSettings, 'prefix'>,
): Parameters {
  return {
    distribute: 'true',
    ...labelParameters(service.labels),
    serviceName: announcedName(service, settings),
  };
}

/** What is sent when a node joined or changed. */
export function nodeParameters(node: AnnouncedNode): Parameters {
  const { version, state, role, availability, labels, engineLabels } = node;
  return {
    ...labelParameters(engineLabels),
    ...labelParameters(labels),
    ...nodeRemoval(node),
    ...{ versionIndex: String(version), state, role, availability },
  };
}

/** What is sent when a node is down or gone. */
export function nodeRemoval({ id, name, address }: AnnouncedNode): Parameters {
  return { id, hostname: name, address };
}

/** The addresses of the tasks on the scrape network, with their nodes; `undefined`: there are none. */
function nodeInfo(
  { labels, tasks }: AnnouncedService,
  nodes: readonly Pick<AnnouncedNode, 'id' | 'name'>[],
): string | undefined {
  const network = labels[networkLabel];
  const places = tasks.flatMap(({ nodeId, networks }) => {
    const address = networks.find(({ name }) => name === network)?.address;
    const node = nodes.find(({ id }) => id === nodeId);
    return address === undefined ? [] : [[node?.name ?? nodeId, address, nodeId]];
  });
  if (places.length === 0) return undefined;
  return JSON.stringify(places.sort((one, other) => (String(one) < String(other) ? -1 : 1)));
}

function labelParameters(labels: Labels): Parameters {
  return Object.fromEntries(
    Object.entries(labels).flatMap(([label, value]) => {
      const name = label.startsWith(prefix) ? label.slice(prefix.length) : '';
      return name === '' ? [] : [[name, value]];
    }),
  );
}
