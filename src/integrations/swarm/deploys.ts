import type { ReadLatestDeploy } from '../contract/deploys.js';
import type { TargetEvent, TargetHistoryReader } from '../contract/evidence.js';
import { TargetError } from '../contract/target-error.js';
import { swarmSystem } from './history.js';

/** A service as it was read a moment ago. */
type ReadService = Parameters<ReadLatestDeploy>[0];

/** The change by which a service came to run what it runs, as the history has it. */
export type LastChange =
  | {
      readonly kind: 'seen';
      readonly event: TargetEvent;
      /** When the image that runs now had been replaced before; left out: not that the history knows. */
      readonly replacedAtMs?: number;
    }
  | { readonly kind: 'none'; readonly sinceMs: number }
  | { readonly kind: 'unknown'; readonly detail: string };

/** What the history tells about deploys of services. */
export interface ServiceDeploys {
  /** Tells when a service was deployed. Throws as `ReadLatestDeploy`. */
  readonly latest: ReadLatestDeploy;
  /** Tells the last change of what a service runs, a rollback by Swarm included. Throws as `latest`. */
  lastChange(service: ReadService): Promise<LastChange>;
}

/** What changes that which a service runs. Swarm's own rollback is no deploy. */
const deploys: readonly TargetEvent['kind'][] = ['deployed', 'updated'];
const changes: readonly TargetEvent['kind'][] = [...deploys, 'rolled_back'];

/** Reads deploys of services from what the watch noted of them. */
export function createServiceDeploys(history: TargetHistoryReader): ServiceDeploys {
  /** The whole history of a service, up to the version that was read. */
  async function historyOf({ target, version }: ReadService) {
    const known = await history.of(swarmSystem, target.id);
    if (known.wholeSinceMs !== null && known.version !== version) {
      throw new TargetError(
        'unavailable',
        `the latest change of service ${target.name} is not in the recorded history yet`,
      );
    }
    return known;
  }

  async function lastOf(
    service: ReadService,
    kinds: readonly TargetEvent['kind'][],
  ): Promise<LastChange> {
    const { events, wholeSinceMs } = await historyOf(service);
    if (wholeSinceMs === null) {
      const detail = `Jidoka has not watched service ${service.target.name} without a break`;
      return { kind: 'unknown', detail };
    }
    const known = events.filter(({ kind }) => kinds.includes(kind));
    const event = known.at(-1);
    if (event === undefined || event.atMs < wholeSinceMs) {
      return { kind: 'none', sinceMs: wholeSinceMs };
    }
    const before = known.find(({ from, to, atMs }) => {
      return from !== undefined && from !== to && from === event.to && atMs < event.atMs;
    });
    return { kind: 'seen', event, ...(before && { replacedAtMs: before.atMs }) };
  }

  return {
    async latest(service) {
      const last = await lastOf(service, deploys);
      return last.kind === 'seen' ? { kind: 'deployed', atMs: last.event.atMs } : last;
    },

    lastChange: (service) => lastOf(service, changes),
  };
}
