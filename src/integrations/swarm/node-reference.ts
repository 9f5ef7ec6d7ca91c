import { TargetError } from '../contract/target-error.js';
import type { SwarmNode } from './node-answer.js';

/** Host names, ids and addresses of both kinds; it never gets into a path. */
const reference = /^[a-zA-Z0-9:](?:[a-zA-Z0-9._:-]{0,251}[a-zA-Z0-9:])?$/;

/** Whether this can name a node: its id, its host's name or its address. */
export function isNodeReference(text: string): boolean {
  return reference.test(text);
}

/**
 * The node that is meant.
 *
 * @throws TargetError `not_found` where there is none, `invalid` where it may be one of several.
 */
export function nodeAmong(nodes: readonly SwarmNode[], wanted: string): SwarmNode {
  const named = nodes.filter(
    ({ id, name, address }) => id === wanted || name === wanted || address === wanted,
  );
  const up = named.filter(({ state }) => state !== 'down');
  const [found, ...others] = named.length === 1 ? named : up;
  if (found !== undefined && others.length === 0) return found;
  if (named.length === 0) {
    throw new TargetError('not_found', `Docker Swarm: there is no node "${wanted}"`);
  }
  const ids = named.map(({ id }) => id).join(', ');
  throw new TargetError(
    'invalid',
    `Docker Swarm: several nodes are "${wanted}"; use an ID: ${ids}`,
  );
}
