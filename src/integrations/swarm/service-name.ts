/**
 * The grammar of Swarm's service names, which holds for ids as well: a DNS label that may contain
 * underscores. dockerode puts the name into the path as it is, so nothing else may get there.
 * (swarmkit, manager/controlapi, validateAnnotations)
 */
const serviceName = /^[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?$/;

/** Whether Swarm would take this as the name of a service; a wildcard or an empty text is none. */
export function isServiceName(name: string): boolean {
  return serviceName.test(name);
}
