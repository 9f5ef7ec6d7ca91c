import type { Integration } from '../contract/integration.js';
import { createAsgResize } from './asg-resize.js';
import type { AwsClients, AwsSettings } from './connect.js';
import { awsOffers } from './offers.js';
import { awsSimulator } from './simulator.js';

/** AWS Auto Scaling groups. Their instances may be nodes of the Swarm, so it uses that integration. */
export const aws: Integration<'asg', AwsSettings, AwsClients> = {
  name: 'aws',
  title: 'AWS',

  labels: ['asg'],
  nouns: { asg: 'group' },

  variable: 'AWS_REGION',
  settings: ({ text }) => ({
    region: text('AWS_REGION') ?? text('AWS_DEFAULT_REGION'),
    endpoint: text('AWS_ENDPOINT_URL_AUTO_SCALING') ?? text('AWS_ENDPOINT_URL'),
    workerAsg: text('JIDOKA_WORKER_ASG') ?? '',
  }),

  connect: async (settings, context) =>
    (await import('./connect.js')).connectAws(settings, context),

  actions: (clients) => [createAsgResize(clients)],

  offers: (labels, { worker_asg = '' }) => awsOffers(labels, worker_asg),

  unlisted: /^(?:asg\.instance\/|i-[0-9a-f]{8,})/,

  counts: ({ autoScaling, hasRegion }) => ({
    asg: async () => (hasRegion ? autoScaling.countGroups() : null),
  }),

  doctor: async (settings, context) =>
    (await import('./doctor.js')).examineAws({ ...settings, ...context }),

  simulator: awsSimulator,
};
