import type { Labels } from '../../alertmanager/alert.js';
import type { ChangeOffer, Offers } from '../contract/offer.js';
import { operationOf } from '../contract/operation.js';
import { rollback } from './rollback.js';

/** Keeps room in a button for the rest of its words. */
const longestVersion = 25;

/**
 * Offers one replica more or fewer of the service that an alert names, a restart of it, and, where Swarm has
 * paused its rollout, a rollback. An alert about a node gets sizes only, and the drain of the node that it names:
 * what runs on it is not its trouble.
 */
export function swarmOffers({ service, node, type }: Labels): Offers {
  const drains: readonly ChangeOffer[] = node
    ? [
        {
          id: 'drain',
          action: 'node.drain',
          params: { node },
          button: (_, name) => ({ label: `Drain ${name}` }),
        },
      ]
    : [];
  if (!service) return { sizes: [], changes: drains };
  const params = { service };
  const changes: readonly ChangeOffer[] = [
    {
      id: 'restart',
      action: 'swarm.restart',
      params,
      button: (_, name) => ({ label: `Restart ${name}` }),
    },
    {
      id: 'rollback',
      action: 'swarm.rollback',
      params,
      button(change, name) {
        const { image } = operationOf([rollback], change).to;
        return { label: `Roll back ${name} to ${endOf(image)}`, params: { to: image } };
      },
    },
  ];
  return {
    sizes: [
      {
        name: `service ${service}`,
        action: 'swarm.scale',
        params,
        verb: 'Scale',
        steps: [
          { id: 'up', by: 1 },
          { id: 'down', by: -1 },
        ],
      },
    ],
    changes: type === 'node' ? drains : [...changes, ...drains],
  };
}

/** The end of a long version tells it from others. */
function endOf(version: string): string {
  return version.length <= longestVersion ? version : `…${version.slice(1 - longestVersion)}`;
}
