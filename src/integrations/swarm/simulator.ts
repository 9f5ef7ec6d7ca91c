import type { Simulator } from '../contract/simulation.js';
import type { SwarmClients } from './connect.js';
import { createSimulatedNodes, simulatedNodes } from './simulated-nodes.js';
import { createSimulatedServices, simulatedServices } from './simulated-services.js';

const kinds = { services: simulatedServices, nodes: simulatedNodes };

/** A Swarm in playbook tests and backtests. */
export const swarmSimulator: Simulator<typeof kinds, SwarmClients> = {
  kinds,

  create({ given, ...context }) {
    const { swarm, replicas } = createSimulatedServices({ ...context, given: given.services });
    const nodes = createSimulatedNodes({ ...context, given: given.nodes });
    return { clients: { swarm, nodes }, sizes: { services: replicas } };
  },
};
