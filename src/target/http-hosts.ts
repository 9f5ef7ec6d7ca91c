import { originOf } from './http-address.js';
import { TargetError } from './target-error.js';

/** A host that may be called, as `policy.yaml` lists it. */
export interface HttpHost {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The environment variable that holds what it gets in the header Authorization; left out, none. */
  readonly authorization?: string | undefined;
}

/**
 * The entry of the host of an address.
 *
 * @throws TargetError `forbidden` where it is not listed.
 */
export function listedHost(hosts: readonly HttpHost[], address: string): HttpHost {
  const origin = originOf(address);
  const host = hosts.find((one) => one.origin === origin);
  if (host !== undefined) return host;
  throw new TargetError('forbidden', unlisted(origin ?? address));
}

/** Why a host is not called. */
export function unlisted(origin: string): string {
  return `${origin} is not among the hosts that policy.yaml allows (http: hosts:)`;
}
