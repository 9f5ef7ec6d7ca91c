import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { SeenTargets, TargetEvent, TargetHistory } from '../contract/evidence.js';
import type { SwarmNode } from './node-answer.js';
import type { SeenService } from './view.js';

/** By this name its events are kept, and what happened to nodes under this scope. */
export const swarmSystem = 'swarm';
export const nodesScope = 'swarm.nodes';

/** So long after its end a change that no one saw is still told when a service is seen first. */
const toldWithinMs = 7 * 24 * 3_600_000;

/**
 * Notes what happens to services and nodes, from what is seen of them anyway: nothing is read for it. A deploy
 * that came before the first look is known by the service's previous specification.
 */
export function createSwarmHistory({
  history,
  now,
  log,
}: {
  readonly history: TargetHistory;
  readonly now: () => number;
  readonly log: Logger;
}) {
  let services: ReadonlyMap<string, SeenService> | undefined;
  let isFirst = true;
  let nodes: ReadonlyMap<string, SwarmNode> | undefined;

  /** To be called with all services whenever something may have changed. */
  function seenServices(all: readonly SeenService[]): void {
    const before = services;
    services = new Map(all.map((service) => [service.id, service]));
    const events = all.flatMap((service) => {
      const known = before?.get(service.id);
      return known === undefined ? ofNew(service, before !== undefined) : ofChange(known, service);
    });
    const gone = [...(before?.values() ?? [])].filter(({ id }) => !services?.has(id));
    for (const { id, name } of gone) {
      events.push({ scope: serviceScope(id), kind: 'removed', name, atMs: now() });
    }
    const versions = new Map<string, string | null>();
    for (const { id, version } of all) {
      const isNews = isFirst || before?.get(id)?.version !== version;
      if (isNews) versions.set(serviceScope(id), String(version));
    }
    for (const { id } of gone) versions.set(serviceScope(id), null);
    note(events, { isFirst, versions });
    isFirst = false;
  }

  /** To be called when services cannot be seen: what happens meanwhile may be missed. */
  function lost(): void {
    isFirst = true;
  }

  /** To be called with all nodes whenever they were read. */
  function seenNodes(all: readonly SwarmNode[]): void {
    const before = nodes;
    nodes = new Map(all.map((node) => [node.id, node]));
    if (before === undefined) return;
    const events = all.flatMap((node) => ofNode(before.get(node.id), node));
    const gone = [...before.values()].filter(({ id }) => !nodes?.has(id));
    for (const { name } of gone) {
      events.push({ scope: nodesScope, kind: 'node_left', name, atMs: now() });
    }
    if (events.length > 0) note(events);
  }

  function note(events: readonly TargetEvent[], seen?: SeenTargets): void {
    history.note(swarmSystem, events, seen).catch((error: unknown) => {
      // what could not be noted is missing from it
      if (seen !== undefined) isFirst = true;
      log.warn({ fault: messageOf(error) }, 'changes of services not noted');
    });
  }

  function ofNew({ id, name, spec }: SeenService, isWatched: boolean): TargetEvent[] {
    const { image, previousImage, changedAtMs } = spec;
    const atMs = changedAtMs ?? now();
    const event = { scope: serviceScope(id), name, atMs };
    if (isWatched) return [{ ...event, kind: 'created', ...(image !== '' && { to: image }) }];
    const isDeploy = previousImage !== undefined && previousImage !== image;
    if (!isDeploy || changedAtMs === undefined || atMs + toldWithinMs < now()) return [];
    return [{ ...event, kind: 'deployed', from: previousImage, to: image }];
  }

  function ofChange(before: SeenService, service: SeenService): TargetEvent[] {
    if (before === service) return [];
    const [old, spec] = [before.spec, service.spec];
    const event = {
      scope: serviceScope(service.id),
      name: service.name,
      atMs: spec.changedAtMs ?? now(),
    };
    const events: TargetEvent[] = [];
    const isRolledBack = /^rollback_/.test(service.updateState ?? '');
    if (old.image !== spec.image) {
      const kind = isRolledBack ? 'rolled_back' : 'deployed';
      events.push({
        ...{ ...event, kind, from: old.image, to: spec.image },
        ...(old.template !== spec.template && { besides: true }),
        // Swarm keeps the version before the last update
        ...(spec.previousImage !== old.image && { missed: true }),
      });
    } else if (old.template !== spec.template) {
      events.push({ ...event, kind: 'updated' });
    } else if (old.forceUpdate !== spec.forceUpdate) {
      events.push({ ...event, kind: 'restarted' });
    }
    if (old.replicas !== spec.replicas && old.replicas !== undefined) {
      const to = String(spec.replicas ?? 'no number of replicas');
      events.push({ ...event, kind: 'scaled', from: String(old.replicas), to });
    }
    const isPaused = (state: string | undefined) =>
      state === 'paused' || state === 'rollback_paused';
    if (!isPaused(before.updateState) && isPaused(service.updateState)) {
      events.push({ ...event, kind: 'rollout_paused' });
    }
    return events;
  }

  return { seenServices, seenNodes, lost };
}

function ofNode(before: SwarmNode | undefined, node: SwarmNode): TargetEvent[] {
  const { name, state, availability, updatedAtMs: atMs } = node;
  const event = { scope: nodesScope, name, atMs };
  if (before === undefined) return [{ ...event, kind: 'node_joined', atMs: node.createdAtMs }];
  const events: TargetEvent[] = [];
  if (before.state !== state) {
    events.push(
      state === 'ready'
        ? { ...event, kind: 'node_up' }
        : { ...event, kind: 'node_down', from: before.state, to: state },
    );
  }
  if (before.availability !== availability) {
    events.push({
      ...event,
      kind: 'node_availability',
      from: before.availability,
      to: availability,
    });
  }
  return events;
}

/** Where what happened to a service is kept: the id of its target. */
export function serviceScope(serviceId: string): string {
  return `swarm.service/${serviceId}`;
}
