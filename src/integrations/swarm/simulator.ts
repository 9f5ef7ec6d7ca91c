import type { Simulator } from '../contract/simulation.js';
import type { SwarmClients } from './connect.js';
import { createSimulatedJobs, simulatedJobs } from './simulated-jobs.js';
import { createSimulatedNodes, simulatedNodes } from './simulated-nodes.js';
import { createSimulatedServices, simulatedServices } from './simulated-services.js';

const kinds = { services: simulatedServices, nodes: simulatedNodes, jobs: simulatedJobs };

/** A Swarm in playbook tests and backtests. */
export const swarmSimulator: Simulator<typeof kinds, SwarmClients> = {
  kinds,

  create({ given, ...context }) {
    const { swarm, deploys, replicas } = createSimulatedServices({
      ...context,
      given: given.services,
    });
    const nodes = createSimulatedNodes({ ...context, given: given.nodes });
    const jobs = createSimulatedJobs({ ...context, given: given.jobs });
    return { clients: { swarm, nodes, jobs, deploys }, sizes: { services: replicas } };
  },
};
