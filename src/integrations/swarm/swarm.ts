import type { Integration } from '../contract/integration.js';
import type { SwarmClients, SwarmSettings } from './connect.js';
import { createSwarmJob } from './job.js';
import { createNodeActivate } from './node-activate.js';
import { createNodeDrain } from './node-drain.js';
import { swarmOffers } from './offers.js';
import { createSwarmRebalance } from './rebalance.js';
import { createSwarmRestart } from './restart.js';
import { createSwarmRestoreImage } from './restore-image.js';
import { createSwarmRollback } from './rollback.js';
import { createSwarmScale } from './scale.js';
import { automationOf, readServiceLabels } from './service-labels.js';
import { swarmSimulator } from './simulator.js';

/** Docker Swarm: its services and nodes, through one of its managers. */
export const swarm: Integration<
  'swarm.service' | 'swarm.services' | 'swarm.node' | 'swarm.job',
  SwarmSettings,
  SwarmClients
> = {
  name: 'swarm',
  title: 'Swarm',

  labels: ['service'],
  nouns: {
    'swarm.service': 'service',
    'swarm.services': '',
    'swarm.node': 'node',
    'swarm.job': 'job',
  },

  variable: 'DOCKER_HOST',
  settings: ({ text }) => ({
    dockerHost: text('DOCKER_HOST'),
    dockerConfig: text('DOCKER_CONFIG'),
  }),

  connect: async (settings, context) =>
    (await import('./connect.js')).connectSwarm(settings, context),

  actions: ({ swarm, nodes, jobs, deploys }) => [
    ...[
      createSwarmScale({ swarm }),
      createSwarmRestart({ swarm }),
      createSwarmRollback({ swarm }),
      createSwarmRestoreImage({ swarm, deploys }),
    ].map((action) => ({ ...action, latestDeploy: deploys.latest })),
    createSwarmRebalance({ swarm }),
    createSwarmJob({ jobs, swarm, nodes }),
    createNodeDrain({ nodes, swarm }),
    createNodeActivate({ nodes, swarm }),
  ],

  offers: swarmOffers,

  automation: (labels, containerLabels) => automationOf(readServiceLabels(labels, containerLabels)),

  unlisted: /^(?:the services labelled |swarm\.services\/)/,

  counts: ({ swarm, nodes }) => ({
    'swarm.service': swarm.countServices,
    // all services of a label count as one, of as many as there are services
    'swarm.services': swarm.countServices,
    'swarm.node': async () => (await nodes.nodes()).length,
    'swarm.job': 'uncounted',
  }),

  doctor: async (settings, context) =>
    (await import('./doctor.js')).examineSwarm({ ...settings, ...context }),

  simulator: swarmSimulator,
};
