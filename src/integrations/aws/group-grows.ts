import type { Done, Next, Observation } from '../contract/action.js';
import type { Change } from '../contract/change.js';
import { type createRestarting, describeRestarted } from '../swarm/restarting.js';
import type { ServiceState } from '../swarm/service-change.js';
import type { Member } from './group-members.js';

/** What is seen of a group that has grown. */
export interface Grown {
  readonly members: readonly Member[];
  /** The services that are to be spread again. */
  readonly services: readonly Observation<ServiceState>[];
}

/**
 * After the group has its new size: waits until each instance has joined the Swarm and is ready, then
 * spreads the services again, one at a time.
 */
export function nextAfterGrowth(
  plan: Change,
  done: readonly Done[],
  { members, services }: Grown,
  restarting: ReturnType<typeof createRestarting>,
): Next {
  if (done.length === 0) return plan;
  const failed = done.find(({ converged }) => !converged);
  if (failed !== undefined) return { kind: 'failed', detail: failed.seen };
  const absent = members.filter(
    ({ instance, node }) => instance.state === 'InService' && node?.state !== 'ready',
  );
  const missing = absent.filter(({ node }) => node?.state !== 'down');
  if (missing.length > 0) {
    return { kind: 'wait', detail: `not ready in the Swarm yet: ${missing.map(named).join(', ')}` };
  }
  const next = restarting.nextOf(services, done);
  if (next.kind === 'change') return next;
  // a node that had joined and is down is none of the new ones, and would never be ready
  const down = absent.length === 0 ? [] : [`${absent.map(named).join(', ')}: not waited for`];
  const said = [describeRestarted(done, next.left), ...down];
  return { kind: 'complete', detail: said.join('; ') };
}

function named({ instance, node }: Member): string {
  return node === undefined ? instance.id : `${instance.id} (node ${node.name}, ${node.state})`;
}
