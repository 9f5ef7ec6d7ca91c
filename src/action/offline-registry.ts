import type { AutoScaling } from '../target/auto-scaling.js';
import type { Ec2 } from '../target/ec2.js';
import type { Http } from '../target/http.js';
import type { Swarm } from '../target/swarm.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import { TargetError } from '../target/target-error.js';
import type { AnyAction } from './action.js';
import { createRegistry } from './registry.js';

/**
 * All actions for reading playbooks only: their names and parameters, and no way to a target. Loads no
 * client, so that it is there at once.
 */
export function createOfflineRegistry(): ReadonlyMap<string, AnyAction> {
  const nowhere = async () => {
    throw new TargetError('unavailable', 'these actions are for reading playbooks only');
  };
  const nothing = new Proxy({}, { get: () => nowhere });
  return createRegistry({
    swarm: nothing as Swarm,
    nodes: nothing as SwarmNodes,
    autoScaling: nothing as AutoScaling,
    ec2: nothing as Ec2,
    http: nothing as Http,
    workerAsg: '',
  });
}
