import { messageOf } from '../../lib/errors.js';
import type { WatchContext } from '../contract/connected.js';
import type { SeenService } from './view.js';

/**
 * Tells of services that say something about themselves that cannot be read, each once while it says
 * so, before there is an alert about it; and counts them, and those whose rollout Swarm has paused.
 */
export function createServiceWatch({
  metrics,
  log,
  report,
}: Pick<WatchContext, 'metrics' | 'log' | 'report'>) {
  /** What was told of each service, by its id. */
  const told = new Map<string, string>();

  /** To be called when the services cannot be seen: old figures would tell of what may be over. */
  function lost(): void {
    metrics.serviceRolloutPaused.reset();
    metrics.serviceLabelsUnreadable.reset();
  }

  function seen(services: readonly SeenService[]): void {
    lost();
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
        log.warn(
          { service: name, fault: messageOf(error) },
          'fault of service labels not reported',
        );
      });
    }
  }

  return { seen, lost };

  async function tell({ id, name }: Pick<SeenService, 'id' | 'name'>, faults: string) {
    const title = `Labels of service ${name} not valid`;
    const detail = `${faults}. Jidoka does not change the service until its labels are correct.`;
    await report({ target: { id: `swarm.service/${id}`, name }, title, detail });
  }
}
