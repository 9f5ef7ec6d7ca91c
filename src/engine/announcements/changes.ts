import type {
  AnnouncedNode,
  AnnouncedService,
  AnnouncedWorld,
} from '../../announcements/announced-world.js';
import {
  announcedName,
  isAnnounced,
  networkLabel,
  nodeParameters,
  nodeRemoval,
  serviceParameters,
  serviceRemoval,
} from '../../announcements/parameters.js';
import type { AnnouncementSettings } from '../../announcements/settings.js';
import type { Announcement } from '../../ledger/announcements.js';
import type { Clock } from '../../lib/clock.js';
import { shortHash } from '../../lib/short-hash.js';

/** Swarm says a moment after a change only that it replaces tasks. */
const settleMs = 2_000;

/** What is to be announced of something that is there. */
type Present = Pick<
  Announcement,
  'kind' | 'id' | 'version' | 'digest' | 'parameters' | 'removal' | 'waits'
>;

/**
 * Creates the function that compares what is seen with what was announced. It gives back the new
 * events.
 */
export function createChangeFinder(settings: AnnouncementSettings, clock: Clock) {
  /** Since when a service is seen at its version, by its name. */
  const seenSince = new Map<string, { readonly version: number; readonly atMs: number }>();
  const { createNode, removeNode } = settings.receivers;
  const tellsNodes = createNode.length + removeNode.length > 0;

  /**
   * @param isAgain whether all services are announced again
   * @throws what the Swarm throws when it is asked whether something is gone.
   */
  return async function findChanges(
    records: ReadonlyMap<string, Announcement>,
    world: AnnouncedWorld,
    isAgain: boolean,
  ): Promise<ReadonlyMap<string, Announcement>> {
    const changed = new Map<string, Announcement>();
    const present = presentIn(world);
    for (const [subject, one] of present) {
      const record = records.get(subject);
      const event = record?.event === 'remove' || differs(record, one);
      if (event && !isOlder(one, record)) changed.set(subject, created(one, record));
    }
    for (const [subject, record] of records) {
      if (record.event === 'create' && !present.has(subject) && (await isGone(record, world))) {
        changed.set(subject, { ...record, event: 'remove', turn: record.turn + 1, settled: [] });
      }
    }
    const isNodeChanged = tellsNodes && [...changed.values()].some((one) => one.kind === 'node');
    if (!isAgain && !isNodeChanged) return changed;
    for (const [subject, record] of records) {
      if (record.kind !== 'service' || record.event !== 'create' || changed.has(subject)) continue;
      changed.set(subject, { ...record, turn: record.turn + 1, settled: [] });
    }
    return changed;
  };

  function presentIn({ services, nodes }: AnnouncedWorld): ReadonlyMap<string, Present> {
    const present = new Map<string, Present>();
    for (const service of services) {
      if (!isAnnounced(service.labels, settings)) continue;
      const subject = `service/${announcedName(service, settings)}`;
      const other = present.get(subject);
      // two services may have one name in announcements: the one that changed last counts
      if (other === undefined || other.version < service.version) {
        present.set(subject, presentService(subject, service, nodes ?? []));
      }
    }
    for (const subject of seenSince.keys()) if (!present.has(subject)) seenSince.delete(subject);
    for (const node of nodes ?? []) {
      if (node.state !== 'down') present.set(`node/${node.id}`, presentNode(node));
    }
    return present;
  }

  function presentService(
    subject: string,
    service: AnnouncedService,
    nodes: readonly AnnouncedNode[],
  ): Present {
    const { id, version, labels, digest } = service;
    const parameters = serviceParameters(service, nodes, settings);
    const since = seenSince.get(subject);
    if (since?.version !== version) seenSince.set(subject, { version, atMs: clock.now() });
    const isSettled = clock.now() - (seenSince.get(subject)?.atMs ?? 0) >= settleMs;
    const isConverged = labels[networkLabel] === undefined || (service.isConverged && isSettled);
    const stage = settings.immediately && !isConverged ? 'immediately' : '';
    return {
      kind: 'service',
      ...{ id, version, parameters },
      digest: shortHash(JSON.stringify([digest, parameters, stage])),
      removal: serviceRemoval(service, settings),
      waits: !isConverged && !settings.immediately,
    };
  }
}

function presentNode(node: AnnouncedNode): Present {
  const { id, version, ...rest } = node;
  return {
    kind: 'node',
    ...{ id, version, waits: false },
    // the version rises with every sign of life
    digest: shortHash(JSON.stringify(rest)),
    parameters: nodeParameters(node),
    removal: nodeRemoval(node),
  };
}

/** A service that has not converged again is announced when it has; a first time it is recorded as it is. */
function differs(record: Announcement | undefined, one: Present): boolean {
  if (record === undefined) return true;
  if (one.waits && !record.waits && record.id === one.id) return false;
  return record.digest !== one.digest || record.waits !== one.waits;
}

/** Whether a worker with a view that lags sees it: a newer event was announced. */
function isOlder(one: Pick<Present, 'version'>, record: Announcement | undefined): boolean {
  return record !== undefined && one.version < record.version;
}

function created(one: Present, record: Announcement | undefined): Announcement {
  return { ...one, event: 'create', turn: (record?.turn ?? 0) + 1, settled: [] };
}

/**
 * Whether what was announced is there no more: it is seen without its label or under another name, it is a
 * node that is down, or the Swarm says so now. A view that lags does not count.
 */
async function isGone(record: Announcement, world: AnnouncedWorld): Promise<boolean> {
  const { kind, id, version } = record;
  if (kind === 'node' && world.nodes === undefined) return false;
  const all = kind === 'service' ? world.services : (world.nodes ?? []);
  const seen = all.find((one) => one.id === id);
  if (seen !== undefined) return seen.version >= version;
  return world.isGone(kind, id);
}
