import { messageOf } from '../errors.js';
import type { SeenService } from '../target/swarm-view.js';
import type { EngineParts } from './parts.js';
import { reportFault } from './report-fault.js';

/**
 * Tells of services that say something about themselves that cannot be read, each once while it says
 * so, before there is an alert about it; and counts them, and those whose rollout Swarm has paused.
 */
export function createServiceWatch(parts: EngineParts) {
  const { metrics, log } = parts;
  /** What was told of each service, by its id. */
  const told = new Map<string, string>();

  return function seen(services: readonly SeenService[]): void {
    metrics.serviceRolloutPaused.reset();
    metrics.serviceLabelsUnreadable.reset();
    for (const { id, name, updateState, faults } of services) {
      if (updateState === 'paused') metrics.serviceRolloutPaused.set({ service: name }, 1);
      if (faults.length === 0) {
        told.delete(id);
        continue;
      }
      metrics.serviceLabelsUnreadable.set({ service: name }, 1);
      const detail = faults.join('; ');
      if (told.get(id) === detail) continue;
      told.set(id, detail);
      tell({ id, name }, detail).catch((error: unknown) => {
        told.delete(id);
        log.warn({ service: name, fault: messageOf(error) }, 'its labels could not be reported');
      });
    }
  };

  async function tell({ id, name }: Pick<SeenService, 'id' | 'name'>, detail: string) {
    const title = `The labels of service ${name} cannot be read`;
    const text = `${detail}. Nothing is done with the service until that is mended.`;
    await reportFault(parts, 'labels_unreadable', title, text, aboutLabels(`swarm.service/${id}`));
  }
}

/** What all reports of a target's labels are about. */
export function aboutLabels(targetId: string): readonly string[] {
  return ['labels_unreadable', targetId];
}
