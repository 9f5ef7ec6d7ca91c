import type { AutoScaling } from '../target/auto-scaling.js';
import type { Ec2 } from '../target/ec2.js';
import type { Http } from '../target/http.js';
import type { Swarm } from '../target/swarm.js';
import type { SwarmNodes } from '../target/swarm-nodes.js';
import type { AnyAction } from './action.js';
import { createAsgResize } from './asg-resize.js';
import { createHttpRequest } from './http-request.js';
import { createNodeActivate } from './node-activate.js';
import { createNodeDrain } from './node-drain.js';
import { createSwarmRebalance } from './swarm-rebalance.js';
import { createSwarmRestart } from './swarm-restart.js';
import { createSwarmRollback } from './swarm-rollback.js';
import { createSwarmScale } from './swarm-scale.js';

/** The clients that actions work through. They connect when they are first used, so that playbooks load without them. */
export interface RegistryOptions {
  readonly swarm: Swarm;
  readonly nodes: SwarmNodes;
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly http: Http;
  /** `JIDOKA_WORKER_ASG`, or the empty string: the group whose instances are nodes of the Swarm. */
  readonly workerAsg: string;
}

/** All actions there are, by the name that a playbook calls them. */
export function createRegistry({
  swarm,
  nodes,
  autoScaling,
  ec2,
  http,
  workerAsg,
}: RegistryOptions): ReadonlyMap<string, AnyAction> {
  const actions: readonly AnyAction[] = [
    createSwarmScale({ swarm }),
    createSwarmRestart({ swarm }),
    createSwarmRollback({ swarm }),
    createSwarmRebalance({ swarm }),
    createNodeDrain({ nodes, swarm }),
    createNodeActivate({ nodes, swarm }),
    createAsgResize({ autoScaling, ec2, nodes, swarm, workerAsg }),
    createHttpRequest({ http }),
  ];
  return new Map(actions.map((action) => [action.name, action]));
}
