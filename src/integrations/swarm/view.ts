import { setTimeout as sleep } from 'node:timers/promises';
import type { ServiceSpec } from 'dockerode';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import { shortHash } from '../../lib/short-hash.js';
import type { DescribedService, RunningTask } from '../../monitoring/described-service.js';
import { TargetError } from '../contract/target-error.js';
import type { SwarmService } from './answer.js';
import type { Swarm } from './client.js';
import { imageIn } from './image.js';
import { publishedPorts } from './running-tasks.js';
import { automationOf, readServiceLabels } from './service-labels.js';
import { isServiceName } from './service-name.js';

/** What the view keeps of a service. Its specification is left out: it may hold secrets. */
export interface SeenService {
  readonly id: string;
  readonly name: string;
  /** `Version.Index`: rises with every change. */
  readonly version: number;
  readonly updateState: string | undefined;
  /** What it says about itself and cannot be read; empty where its owner keeps Jidoka away. */
  readonly faults: readonly string[];
  /** What its monitoring derives from. */
  readonly described: DescribedService;
  /** The ports that it publishes. */
  readonly ports: RunningTask['ports'];
  /** What tells one version of it from another. */
  readonly spec: {
    readonly image: string;
    /** The image before the last update; `undefined`: there was none. */
    readonly previousImage: string | undefined;
    readonly replicas: number | undefined;
    /** A hash of all else that its tasks are made of. */
    readonly template: string;
    /** Its counter of forced updates, which each restart raises. */
    readonly forceUpdate: number;
    /** A hash of the whole specification. */
    readonly whole: string;
    /** When it last changed, as Swarm has it; `undefined`: it does not say. */
    readonly changedAtMs: number | undefined;
  };
}

/** All services, as they were last seen. For counting and for telling; nothing is changed by it. */
export interface SwarmView {
  /** How many services there are; `undefined`: they were seen too long ago, or never. */
  count(): number | undefined;
  /** Gives up what it listens to and reads everything again: a connection may hang without an end. */
  renew(): void;
  /** Reads a service again, by its name with or without that of its stack. Of a name that is new as well. */
  readAgain(name: string): void;
  /** Stops looking. */
  stop(): Promise<void>;
}

/** Everything is read again this often, in case an event got lost. */
const readEveryMs = 5 * 60_000;
/** What was read longer ago is not relied on. */
const freshMs = 15 * 60_000;
/** How soon it is tried again after a failure, and at most how late. */
const firstPauseMs = 1_000;
const longestPauseMs = 60_000;
/** Changes that come together are read together: a deployment makes many. */
const gatherMs = 200;
/** More changes than this at a time are read as a list. */
const maxSingle = 20;

/**
 * Keeps a view of a Swarm's services by its events, with a full read every so often, so that neither an
 * alert nor a scrape of the metrics costs a list of all services.
 *
 * @param options.onSeen called whenever something may have changed, with all services and the ids of those
 *   that changed; `all`: any may have
 * @param options.onNode called when something happened to a node
 * @param options.onLost called when they cannot be read
 */
export function createSwarmView(options: {
  readonly swarm: Pick<Swarm, 'services' | 'listen'> & {
    service(id: string): Promise<SwarmService>;
  };
  readonly clock: Clock;
  readonly log: Logger;
  readonly onSeen?: (
    services: readonly SeenService[],
    changed: ReadonlySet<string> | 'all',
  ) => void;
  readonly onNode?: () => void;
  readonly onLost?: () => void;
}): SwarmView {
  const { swarm, clock, log, onSeen = () => {}, onNode = () => {}, onLost = () => {} } = options;
  const seen = new Map<string, SeenService>();
  const stopping = new AbortController();
  let readAtMs = Number.NEGATIVE_INFINITY;

  async function readAll(): Promise<void> {
    const services = await swarm.services();
    seen.clear();
    for (const service of services) seen.set(service.id, summary(service));
    readAtMs = clock.now();
    onSeen([...seen.values()], 'all');
  }

  async function readChanged(ids: ReadonlySet<string>): Promise<void> {
    if (ids.size > maxSingle) return readAll();
    const read = new Set<string>();
    for (const id of ids) {
      try {
        // a name is read as well
        const service = summary(await swarm.service(id));
        seen.set(service.id, service);
        read.add(service.id);
      } catch (error) {
        if (!(error instanceof TargetError) || error.kind !== 'not_found') throw error;
        seen.delete(id);
        read.add(id);
      }
    }
    onSeen([...seen.values()], read);
  }

  /** Listens and reads until something fails, or the engine ends the connection. */
  async function follow(pauseOver: () => void): Promise<void> {
    const over = new AbortController();
    giveUp = () => over.abort();
    const signal = AbortSignal.any([over.signal, stopping.signal]);
    const changed = new Set<string>();
    let wake = () => {};
    let ended = false;
    try {
      // first listened, then read: what happens in between is told
      const onService = (id: string) => {
        changed.add(id);
        wake();
      };
      note = onService;
      const listening = swarm.listen({ onService, onNode }, signal);
      const events = await listening.catch(onError);
      await readAll();
      // a client that may not listen, as through some proxies, can still look
      if (events === undefined) return await pause(longestPauseMs, signal);
      events.ended.then(() => {
        ended = true;
        wake();
      });
      pauseOver();
      while (!ended && !signal.aborted) {
        const dueMs = readAtMs + readEveryMs - clock.now();
        if (dueMs <= 0) await readAll();
        if (changed.size === 0) {
          const woken = new AbortController();
          wake = () => woken.abort();
          await pause(dueMs > 0 ? dueMs : readEveryMs, AbortSignal.any([signal, woken.signal]));
          continue;
        }
        await pause(gatherMs, signal);
        const ids = new Set(changed);
        changed.clear();
        await readChanged(ids);
      }
    } finally {
      note = () => {};
      over.abort();
    }
  }

  /** Has a service read again. */
  let note = (_id: string) => {};
  let giveUp = () => {};
  let fault = '';

  /** Says what is in the way, once. */
  function onError(error: unknown): undefined {
    const now = messageOf(error);
    if (now !== fault && !stopping.signal.aborted) {
      // a Swarm that does not answer is told once, by the state of the target system
      const isAway = error instanceof TargetError && error.kind === 'unavailable';
      log[isAway ? 'debug' : 'info']({ fault: now }, 'Swarm services not followed: polled instead');
    }
    fault = now;
  }

  async function run(): Promise<void> {
    let pauseMs = firstPauseMs;
    while (!stopping.signal.aborted) {
      try {
        await follow(() => {
          pauseMs = firstPauseMs;
          if (fault !== '') log.debug('Swarm services followed again');
          fault = '';
        });
      } catch (error) {
        if (!stopping.signal.aborted) onLost();
        onError(error);
      }
      await pause(pauseMs, stopping.signal);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
  }

  const running = run();
  return {
    count: () => (clock.now() - readAtMs <= freshMs ? seen.size : undefined),
    renew: () => giveUp(),
    readAgain(name) {
      const known = [...seen.values()].filter(
        ({ name: whole, described }) =>
          whole === name || whole === `${described.labels['com.docker.stack.namespace']}_${name}`,
      );
      for (const { id } of known) note(id);
      if (known.length === 0 && isServiceName(name)) note(name);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

function summary(service: SwarmService): SeenService {
  const { id, name, version, updateState, replicas, labels, containerLabels } = service;
  const said = readServiceLabels(labels, containerLabels);
  return {
    id,
    name,
    version,
    updateState,
    faults: said.enabled ? said.faults : [],
    described: { id, name, replicas, labels, containerLabels, automation: automationOf(said) },
    ports: publishedPorts(service.spec),
    spec: {
      image: imageIn(service.spec) ?? '',
      previousImage: service.previousSpec && (imageIn(service.previousSpec) ?? ''),
      replicas,
      template: shortHash(otherSettings(service.spec)),
      forceUpdate: service.forceUpdate,
      whole: shortHash(JSON.stringify(service.spec)),
      changedAtMs: service.rolloutAtMs ?? service.updatedAtMs,
    },
  };
}

/** All that the tasks are made of but the image and the counter of forced updates: it may hold secrets. */
function otherSettings({ TaskTemplate }: ServiceSpec): string {
  const {
    ForceUpdate: _,
    ContainerSpec,
    ...template
  } = (TaskTemplate ?? {}) as {
    readonly ForceUpdate?: number;
    readonly ContainerSpec?: { readonly Image?: string };
  };
  const { Image: __, ...container } = ContainerSpec ?? {};
  return JSON.stringify([template, container]);
}

/** Waits, and no longer than until the signal. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal, ref: false }).catch(() => {});
}
