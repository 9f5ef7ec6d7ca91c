import type { Labels } from '../../alertmanager/alert.js';
import type { Offers } from '../contract/offer.js';

/**
 * Offers one instance more of the group that an alert names, or, for an alert about a node, of the group of
 * the worker nodes.
 *
 * @param workerAsg the group of the worker nodes, or the empty string
 */
export function awsOffers({ asg, type }: Labels, workerAsg: string): Offers {
  const isNode = type === 'node';
  const group = asg || (isNode ? workerAsg : '');
  if (group === '') {
    const note = 'No change is suggested for nodes: set JIDOKA_WORKER_ASG, or a label asg.';
    return { sizes: [], changes: [], ...(isNode && { note }) };
  }
  const name = `group ${group}`;
  const steps = [{ id: 'node', by: 1 }] as const;
  return {
    sizes: [{ name, action: 'asg.resize', params: { group }, verb: 'Resize', steps }],
    changes: [],
  };
}
