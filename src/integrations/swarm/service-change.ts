import { z } from 'zod';
import type { Plan } from '../contract/action.js';
import type { Change, Target, TargetOf } from '../contract/change.js';
import { refused } from '../contract/refused.js';
import { TargetError } from '../contract/target-error.js';
import type { InspectedService, ServiceMode, SwarmService, TaskSummary } from './answer.js';
import type { Swarm } from './client.js';
import { readServiceLabels, type ServiceSettings } from './service-labels.js';
import { isServiceName } from './service-name.js';

/*
 * What all actions on a Swarm service share. They give it the same target id, so that no two of them
 * ever work on one service at the same time.
 */

/** The parameter that names the service. */
export const serviceParam = {
  service: z
    .string()
    .refine(isServiceName, 'expected the name or id of one Swarm service, without wildcards')
    .describe('The service: its name or ID.'),
};

/** What decides about changing a service. Its specification is left out: it may hold secrets. */
export interface ServiceState {
  readonly mode: ServiceMode;
  readonly settings: ServiceSettings;
  readonly updateState: string | undefined;
}

/** A Swarm service, by its id. */
export type ServiceTarget = TargetOf<'swarm.service'>;

const idPrefix = 'swarm.service/';

/** What every observation of a service holds; its size is the action's own. */
export function observedService(service: SwarmService) {
  const { id, name, version, mode, updateState } = service;
  const settings = readServiceLabels(service.labels, service.containerLabels);
  const target: ServiceTarget = { id: `${idPrefix}${id}`, name };
  const state: ServiceState = { mode, settings, updateState };
  return { target, version: String(version), settings, state };
}

/** The id of the service that a change is for. Throws `TargetError` `invalid` where it is for something else. */
export function serviceIdOf({ target }: Change, action: string): string {
  if (target.id.startsWith(idPrefix)) return target.id.slice(idPrefix.length);
  throw new TargetError('invalid', `${action} changes Swarm services, not ${target.id}`);
}

/** Reads the service of a change once more. Throws `TargetError` `stale` if it is not as it was when that was planned. */
export async function unchangedService(
  swarm: Swarm,
  change: Change,
  action: string,
): Promise<InspectedService> {
  const service = await swarm.service(serviceIdOf(change, action));
  if (String(service.version) === change.version) return service;
  throw new TargetError(
    'stale',
    `service ${service.name} has changed since it was read: version ${service.version}, not ${change.version}`,
  );
}

/**
 * The same, not read again where it was read a moment ago: for changes that Swarm itself refuses where
 * the service is not as it was.
 */
export async function serviceToChange(
  swarm: Swarm,
  change: Change,
  action: string,
): Promise<InspectedService> {
  const known =
    change.version === null
      ? undefined
      : swarm.lately?.(serviceIdOf(change, action), change.version);
  return known ?? unchangedService(swarm, change, action);
}

/** Why nothing is done with a service, whatever it is: its labels forbid it, or cannot be read. */
export function refusedByLabels({ name }: Target, { settings }: ServiceState): Plan | undefined {
  const [fault, ...others] = settings.faults;
  if (fault !== undefined) {
    const more = others.length === 0 ? '' : `, and ${others.length} more`;
    return {
      kind: 'refused',
      reason: 'labels_unreadable',
      detail: `service ${name}: ${fault}${more}`,
    };
  }
  if (settings.enabled) return undefined;
  return refused(`service ${name} is labelled jidoka.enable=false`);
}

/**
 * Why an update of a service has to be left alone; `undefined` where there is none. Every update
 * overwrites the specification to roll back to, and resumes a paused rollout. (moby#37693)
 */
export function rolloutOf({ updateState }: ServiceState): string | undefined {
  if (updateState === undefined) return undefined;
  if (updateState === 'completed' || updateState === 'rollback_completed') return undefined;
  if (updateState.endsWith('paused')) {
    return `its rollout is ${updateState}, and any update would resume it; finish it or roll it back`;
  }
  return `a rollout is in progress (${updateState})`;
}

/** How the tasks of a service stand: `2 of 3 replicas are running, 1 pending: no suitable node`. */
export function describeTasks(service: SwarmService, tasks: TaskSummary): string {
  const others = Object.entries(tasks.notRunning).map(([state, count]) => `${count} ${state}`);
  const running =
    service.replicas === undefined
      ? `${tasks.running} ${tasks.running === 1 ? 'task runs' : 'tasks run'}`
      : `${tasks.running} of ${service.replicas} replicas are running`;
  const problems = tasks.problems.length > 0 ? `: ${tasks.problems.join('; ')}` : '';
  return `service ${service.name}: ${[running, ...others].join(', ')}${problems}`;
}

/** Whether every task that a service is to have runs. */
export function allRun({ replicas }: SwarmService, tasks: TaskSummary): boolean {
  if (replicas !== undefined) return tasks.running === replicas;
  return Object.keys(tasks.notRunning).length === 0;
}
