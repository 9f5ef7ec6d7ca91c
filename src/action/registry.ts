import type { AutoScaling } from '../target/auto-scaling.js';
import type { Swarm } from '../target/swarm.js';
import type { AnyAction } from './action.js';
import { createAsgResize } from './asg-resize.js';
import { createSwarmRestart } from './swarm-restart.js';
import { createSwarmRollback } from './swarm-rollback.js';
import { createSwarmScale } from './swarm-scale.js';

/** The clients that actions work through. They connect when they are first used, so that playbooks load without them. */
export interface RegistryOptions {
  readonly swarm: Swarm;
  readonly autoScaling: AutoScaling;
}

/** All actions there are, by the name that a playbook calls them. */
export function createRegistry({
  swarm,
  autoScaling,
}: RegistryOptions): ReadonlyMap<string, AnyAction> {
  const actions: readonly AnyAction[] = [
    createSwarmScale({ swarm }),
    createSwarmRestart({ swarm }),
    createSwarmRollback({ swarm }),
    createAsgResize({ autoScaling }),
  ];
  return new Map(actions.map((action) => [action.name, action]));
}
