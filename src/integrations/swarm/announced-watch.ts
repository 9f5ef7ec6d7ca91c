import type {
  AnnouncedKind,
  AnnouncedService,
  AnnouncedWorld,
} from '../../announcements/announced-world.js';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { DescribedWorld } from '../../monitoring/described-service.js';
import { TargetError } from '../contract/target-error.js';
import type { Swarm } from './client.js';
import type { SwarmNode } from './node-answer.js';
import type { SwarmNodes } from './nodes.js';
import type { SeenService } from './view.js';

/** While one of these is so, tasks of an older specification may run. */
const rolling = ['updating', 'paused', 'rollback_started', 'rollback_paused'];
/** Nodes that were read longer ago say nothing of which are gone. */
const nodesFreshMs = 120_000;

/**
 * Puts together what can be announced from what is seen of the Swarm anyway. Only nodes are read for it, when
 * something happened to one.
 *
 * @param options.announce called whenever something may have changed; with `null` when it cannot be seen
 */
export function createAnnouncedWatch({
  swarm,
  nodes,
  announce,
  readAgain,
  clock,
  log,
}: {
  readonly swarm: Pick<Swarm, 'service'>;
  readonly nodes: Pick<SwarmNodes, 'nodes'>;
  readonly announce: (world: AnnouncedWorld | null) => void;
  readonly readAgain: (service: string) => void;
  readonly clock: Clock;
  readonly log: Logger;
}) {
  let services: readonly SeenService[] = [];
  let world: DescribedWorld | null = null;
  let known: readonly SwarmNode[] | undefined;
  let knownAtMs = Number.NEGATIVE_INFINITY;
  let reading = false;
  let isReadDue = false;

  /** To be called with all services before they are described. */
  function seenServices(all: readonly SeenService[]): void {
    services = all;
  }

  /** To be called with what the services describe, or `null` when it cannot be seen. */
  function described(now: DescribedWorld | null): void {
    world = now;
    tell();
  }

  /** To be called with all nodes whenever they were read. */
  function seenNodes(all: readonly SwarmNode[]): void {
    known = all;
    knownAtMs = clock.now();
    tell();
  }

  /** Reads the nodes; asked for meanwhile, once more. */
  function readNodes(): void {
    isReadDue = true;
    if (reading) return;
    reading = true;
    void read().finally(() => {
      reading = false;
    });
  }

  async function read(): Promise<void> {
    while (isReadDue) {
      isReadDue = false;
      try {
        seenNodes(await nodes.nodes());
      } catch (error) {
        log.info({ fault: messageOf(error) }, 'nodes not read for announcements');
      }
    }
  }

  function tell(): void {
    if (world === null) {
      announce(null);
      return;
    }
    const { tasks, starting = [] } = world;
    const isFresh = clock.now() - knownAtMs <= nodesFreshMs;
    announce({
      services: services.map((service): AnnouncedService => {
        const { id, name, version, spec, updateState, described } = service;
        const own = tasks.filter(({ serviceId }) => serviceId === id);
        const isComplete =
          spec.replicas === undefined ? own.length > 0 : own.length === spec.replicas;
        return {
          ...{ id, name, version, digest: spec.whole, replicas: spec.replicas, tasks: own },
          labels: described.labels,
          isConverged: isComplete && !starting.includes(id) && !rolling.includes(updateState ?? ''),
        };
      }),
      nodes: isFresh ? known : undefined,
      isGone,
      readAgain: (what) => (what === 'nodes' ? readNodes() : readAgain(what.service)),
    });
  }

  async function isGone(kind: AnnouncedKind, id: string): Promise<boolean> {
    if (kind === 'node') return !(await nodes.nodes()).some((node) => node.id === id);
    try {
      await swarm.service(id);
      return false;
    } catch (error) {
      if (error instanceof TargetError && error.kind === 'not_found') return true;
      throw error;
    }
  }

  return { seenServices, described, seenNodes, readNodes };
}
