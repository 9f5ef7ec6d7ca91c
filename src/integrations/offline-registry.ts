import type { AnyAction } from './contract/action.js';
import type { AnyIntegration } from './contract/integration.js';
import { TargetError } from './contract/target-error.js';
import { createRegistry, integrations } from './registry.js';

/**
 * All actions for reading playbooks only: their names and parameters, and no way to a target. Loads no
 * client, so that it is there at once.
 */
export function createOfflineRegistry(
  of: readonly AnyIntegration[] = integrations,
): ReadonlyMap<string, AnyAction> {
  return createRegistry(nothing, of).actions;
}

/** Clients, and clients of clients, whatever they are called: every call fails. */
const nothing: Readonly<Record<string, unknown>> = new Proxy(nowhere as never, {
  get: () => nothing,
});

async function nowhere(): Promise<never> {
  throw new TargetError('unavailable', 'these actions only serve to read playbooks');
}
