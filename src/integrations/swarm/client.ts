import { TargetError } from '../contract/target-error.js';
import {
  type InspectedService,
  readInspectedService,
  readServices,
  readShortServices,
  readTasks,
  type ShortService,
  type SwarmService,
  type TaskSummary,
} from './answer.js';
import { createSwarmConnection, type EngineVersions, type SwarmOptions } from './connection.js';
import { postText, readBytes, readText } from './docker-text.js';
import { listenToSwarm, type SwarmEvents, type SwarmListener } from './events.js';
import { readTasksSeen, type TaskSeen } from './failed-tasks.js';
import { withValueAt } from './json-text.js';
import { readLogLines } from './log-lines.js';
import { readRunningTasks, type TasksSeen } from './running-tasks.js';
import { isServiceName } from './service-name.js';
import { createServicesSeen } from './services-seen.js';

/** What the engine said of itself. */
export interface SwarmCheck extends EngineVersions {
  /** Always so: an engine that is no manager is an error. */
  readonly manager: true;
}

/** A Docker Swarm, through one of its managers. Every method throws `TargetError` and nothing else. */
export interface Swarm {
  /** Whether the engine answers, speaks a version that we know, and manages a Swarm. */
  check(): Promise<SwarmCheck>;
  /** Reads one service by its name or id. */
  service(nameOrId: string): Promise<InspectedService>;
  /** A service as it was read a moment ago, if it stood at this version then. Makes no call. */
  lately?(id: string, version: string): InspectedService | undefined;
  /** Reads all services. */
  services(): Promise<readonly SwarmService[]>;
  /** Reads the services that have a label: `key` or `key=value`. */
  servicesLabelled(label: string): Promise<readonly SwarmService[]>;
  /** Lists the services of which fewer tasks run than Swarm wants to run; jobs are left out. */
  servicesShort(): Promise<readonly ShortService[]>;
  /** Sets the replicas of a service that was read, once, and only if it has not changed since (else `stale`). */
  scale(service: InspectedService, replicas: number): Promise<void>;
  /**
   * Replaces all tasks of a service that was read, as its update settings say, by setting its counter of
   * forced updates; once, and only if it has not changed since (else `stale`).
   */
  restart(service: InspectedService, forceUpdate: number): Promise<void>;
  /** Sets the image of a service that was read, once, and only if it has not changed since (else `stale`). */
  setImage(service: InspectedService, image: string): Promise<void>;
  /**
   * Puts a service that was read back to its previous specification, as its rollback settings say; once,
   * and only if it has not changed since (else `stale`). Every update overwrites what is gone back to.
   */
  rollback(service: InspectedService): Promise<void>;
  /** Listens to what happens to services and nodes, until the signal ends it. */
  listen(listener: SwarmListener, signal: AbortSignal): Promise<SwarmEvents>;
  /** Counts all services. */
  countServices(): Promise<number>;
  /** Counts the tasks of a service that Swarm wants to run. */
  tasks(serviceId: string): Promise<TaskSummary>;
  /** Reads all tasks of a service, those included that are over and not forgotten yet. */
  serviceTasks(serviceId: string): Promise<readonly TaskSeen[]>;
  /** Reads the last lines of a task's log. They may hold secrets. */
  taskLog(taskId: string, lines: number): Promise<readonly string[]>;
  /** Lists the tasks that Swarm wants to run, with their addresses: of these services, or of all. */
  runningTasks(serviceIds: readonly string[] | 'all'): Promise<TasksSeen>;
}

/** Creates a client of a Swarm. Connects to nothing: the first call does. */
export function createSwarm(options: SwarmOptions): Swarm {
  const connection = createSwarmConnection(options);
  const { call, renew } = connection;
  const seen = createServicesSeen();

  const list = (what: string) =>
    call<unknown>(what, 'read', (docker, abortSignal) => docker.listServices({ abortSignal }));

  /**
   * Posts a whole specification: as a text, so that no number of it is rounded, and in the body, because
   * an address ends up in logs.
   */
  async function update(
    { id, version }: SwarmService,
    specText: string,
    what: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    await call(what, 'change', (docker, abortSignal) =>
      postText(docker, `/services/${id}/update`, { version, ...query }, specText, abortSignal),
    );
  }

  return {
    async check() {
      const versions = await renew();
      // Any question about services does: an engine that is no manager answers 503. This one finds none,
      // and needs no more of a socket proxy than the work itself.
      await call('looking whether it manages a Swarm', 'read', (docker, abortSignal) =>
        docker.listServices({ filters: { id: ['jidoka'] }, abortSignal }),
      );
      return { ...versions, manager: true };
    },

    async service(nameOrId) {
      if (!isServiceName(nameOrId)) {
        throw new TargetError(
          'invalid',
          `"${nameOrId}" cannot be the name of a Swarm service: expected up to 63 letters, digits, - and _`,
        );
      }
      const answer = await call(`reading service ${nameOrId}`, 'read', (docker, abortSignal) =>
        readText(docker, `/services/${nameOrId}`, abortSignal),
      );
      const service = readInspectedService(answer);
      seen.note(service);
      // The engine also takes the beginning of an id, which an alert's label must not hit by chance.
      if (service.name === nameOrId || service.id === nameOrId) return service;
      throw new TargetError('not_found', `Docker Swarm: there is no service named "${nameOrId}"`);
    },

    lately: seen.at,

    async services() {
      return readServices(await list('listing the services'));
    },

    async servicesLabelled(label) {
      const what = `listing the services labelled ${label}`;
      const answer = await call<unknown>(what, 'read', (docker, abortSignal) =>
        docker.listServices({ filters: { label: [label] }, abortSignal }),
      );
      return readServices(answer);
    },

    async servicesShort() {
      const what = 'listing the services with their tasks';
      const answer = await call<unknown>(what, 'read', (docker, abortSignal) => {
        // `status` is missing in its types; the engine has it since API 1.41
        const query = { status: true, abortSignal };
        return docker.listServices(query);
      });
      return readShortServices(answer);
    },

    async scale(service, replicas) {
      const { name, mode, specText } = service;
      if (mode !== 'replicated' || !isCount(replicas)) {
        throw new TargetError(
          'invalid',
          `service ${name} (${mode}) cannot be set to ${replicas} replicas`,
        );
      }
      const wanted = withValueAt(specText, ['Mode', 'Replicated', 'Replicas'], replicas);
      await update(service, wanted, `setting service ${name} to ${replicas} replicas`);
    },

    async restart(service, forceUpdate) {
      const { name, specText } = service;
      refuseJob(service, 'restarted');
      if (!isCount(forceUpdate)) {
        throw new TargetError(
          'invalid',
          `service ${name} cannot be restarted ${forceUpdate} times`,
        );
      }
      const wanted = withValueAt(specText, ['TaskTemplate', 'ForceUpdate'], forceUpdate);
      await update(service, wanted, `restarting service ${name}`);
    },

    async setImage(service, image) {
      const { name, specText } = service;
      refuseJob(service, 'given another image');
      const wanted = withValueAt(specText, ['TaskTemplate', 'ContainerSpec', 'Image'], image);
      await update(service, wanted, `setting service ${name} to image ${image}`);
    },

    async rollback(service) {
      refuseJob(service, 'rolled back');
      await update(service, service.specText, `rolling back service ${service.name}`, {
        rollback: 'previous',
      });
    },

    listen: (listener, signal) => listenToSwarm(connection, listener, signal),

    async countServices() {
      const answer = await list('counting services');
      if (!Array.isArray(answer)) {
        throw new TargetError('unavailable', 'Docker Swarm: the list of services is no list');
      }
      return answer.length;
    },

    async tasks(serviceId) {
      const filters = { service: [serviceId], 'desired-state': ['running'] };
      const answer = await call(
        `reading the tasks of service ${serviceId}`,
        'read',
        (docker, abortSignal) => docker.listTasks({ filters, abortSignal }),
      );
      return readTasks(answer);
    },

    async serviceTasks(serviceId) {
      const filters = { service: [serviceId] };
      const what = `reading all tasks of service ${serviceId}`;
      const answer = await call(what, 'read', (docker, abortSignal) =>
        docker.listTasks({ filters, abortSignal }),
      );
      return readTasksSeen(answer);
    },

    async taskLog(taskId, lines) {
      const path = `/tasks/${taskId}/logs?stdout=1&stderr=1&tail=${lines}`;
      const bytes = await call(`reading the log of task ${taskId}`, 'read', (docker, abortSignal) =>
        readBytes(docker, path, abortSignal),
      );
      return readLogLines(bytes);
    },

    async runningTasks(serviceIds) {
      const filters = {
        'desired-state': ['running'],
        ...(serviceIds === 'all' ? {} : { service: [...serviceIds] }),
      };
      const answer = await call('listing the running tasks', 'read', (docker, abortSignal) =>
        docker.listTasks({ filters, abortSignal }),
      );
      return readRunningTasks(answer);
    },
  };
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Any update runs a job again. */
function refuseJob({ name, mode }: SwarmService, what: string): void {
  if (mode === 'replicated' || mode === 'global') return;
  throw new TargetError(
    'invalid',
    `service ${name} (${mode}) cannot be ${what}: it would run again`,
  );
}
