import type { Service, ServiceSpec } from './service.js';
import { reconcile, retire, type TaskContext } from './tasks.js';

/**
 * Gives a service a new spec as the engine does: the old one becomes `PreviousSpec` whatever was there,
 * `UpdateStatus` is cleared, a job runs again, and a changed `TaskTemplate` replaces every task.
 */
export function takeSpec(service: Service, spec: ServiceSpec, context: TaskContext): void {
  const previous = service.spec;
  const job = 'ReplicatedJob' in spec.Mode;
  const newTemplate = !sameJson(spec.TaskTemplate, previous.TaskTemplate);
  service.previousSpec = previous;
  service.spec = spec;
  service.updatedAtMs = context.nowMs;
  service.version = context.nextVersion();
  service.updateStatus = undefined;
  service.rollingSinceMs = undefined;
  if (job) service.iteration += 1;
  if (job || newTemplate) retire(service.tasks, context.nowMs);
  if (newTemplate && !job) {
    service.updateStatus = { state: 'updating', startedAtMs: context.nowMs };
    service.rollingSinceMs = context.nowMs;
  }
  reconcile(service, context);
}

/** Ends a rolling update whose tasks have had their time; the service's version moves on with it. */
export function finishRollout(service: Service, context: TaskContext): void {
  const { rollingSinceMs: since, updateStatus: status } = service;
  if (since === undefined || status === undefined || service.stuck) return;
  if (context.nowMs < since + context.convergeMs) return;
  service.rollingSinceMs = undefined;
  service.updateStatus = { ...status, state: 'completed', completedAtMs: context.nowMs };
  service.version = context.nextVersion();
}

function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
