import { EngineRefusal } from './refusal.js';
import { imageOf, type Service, type ServiceSpec } from './service.js';
import { reconcile, retire, type TaskContext } from './tasks.js';

/**
 * Gives a service a new spec as the engine does: the old one becomes `PreviousSpec` whatever was there,
 * `UpdateStatus` is cleared, a job runs again, and a changed `TaskTemplate` replaces every task.
 */
export function takeSpec(service: Service, spec: ServiceSpec, context: TaskContext): void {
  const job = 'ReplicatedJob' in spec.Mode;
  exchangeSpec(service, spec, context);
  service.updateStatus = undefined;
  service.rollingSinceMs = undefined;
  if (job) {
    service.iteration += 1;
    retire(service.tasks, context.nowMs);
  } else if (replaceTasks(service, context)) {
    service.updateStatus = { state: 'updating', startedAtMs: context.nowMs };
    service.rollingSinceMs = context.nowMs;
  }
  reconcile(service, context);
}

/**
 * Puts a service back to its `PreviousSpec`, which then is the one that it had: a client that does it twice
 * is where it began. Where there is nothing to replace it is complete at once.
 *
 * @throws EngineRefusal where there is none
 */
export function rollBack(service: Service, context: TaskContext): void {
  const { previousSpec } = service;
  if (previousSpec === undefined) {
    const why = `service ${service.id} does not have a previous spec`;
    throw new EngineRefusal(400, `rpc error: code = FailedPrecondition desc = ${why}`);
  }
  exchangeSpec(service, previousSpec, context);
  const startedAtMs = context.nowMs;
  service.updateStatus = { state: 'rollback_started', startedAtMs };
  service.rollingSinceMs = replaceTasks(service, context) ? startedAtMs : undefined;
  if (service.rollingSinceMs === undefined) complete(service, 'rollback_completed', context);
  reconcile(service, context);
}

/** Ends a rolling update whose tasks have had their time; the service's version moves on with it. */
export function finishRollout(service: Service, context: TaskContext): void {
  const { rollingSinceMs: since, updateStatus: status } = service;
  if (since === undefined || status === undefined || service.stuck) return;
  if (context.nowMs < since + context.convergeMs) return;
  const isRollback = status.state === 'rollback_started';
  if (!isBroken(service)) {
    complete(service, isRollback ? 'rollback_completed' : 'completed', context);
    return;
  }
  service.rollingSinceMs = undefined;
  service.updateStatus = { ...status, state: isRollback ? 'rollback_paused' : 'paused' };
  service.version = context.nextVersion();
}

function complete(
  service: Service,
  state: 'completed' | 'rollback_completed',
  context: TaskContext,
): void {
  const { startedAtMs = context.nowMs } = service.updateStatus ?? {};
  service.rollingSinceMs = undefined;
  service.updateStatus = { state, startedAtMs, completedAtMs: context.nowMs };
  service.version = context.nextVersion();
}

function exchangeSpec(service: Service, spec: ServiceSpec, context: TaskContext): void {
  service.previousSpec = service.spec;
  service.spec = spec;
  service.updatedAtMs = context.nowMs;
  service.version = context.nextVersion();
}

/** Tells the tasks to go that are not as the spec says; one only where their successors fail. `false`: there are none. */
function replaceTasks(service: Service, { nowMs }: TaskContext): boolean {
  const old = service.tasks.filter(
    ({ removedAtMs, template }) =>
      removedAtMs === undefined && !sameJson(template, service.spec.TaskTemplate),
  );
  retire(isBroken(service) ? old.slice(0, 1) : old, nowMs);
  return old.length > 0;
}

function isBroken({ spec, brokenImage }: Service): boolean {
  return brokenImage !== undefined && imageOf(spec.TaskTemplate) === brokenImage;
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
