import { type AllowedHost, originOf, unlisted } from '../contract/allowed-host.js';
import { TargetError } from '../contract/target-error.js';

/**
 * The entry of the host of an address.
 *
 * @throws TargetError `forbidden` where it is not listed.
 */
export function listedHost(hosts: readonly AllowedHost[], address: string): AllowedHost {
  const origin = originOf(address);
  const host = hosts.find((one) => one.origin === origin);
  if (host !== undefined) return host;
  throw new TargetError('forbidden', unlisted(origin ?? address));
}

/** The hosts whose credentials are not set: each call of them is refused. */
export function hostsWithoutCredentials(
  hosts: readonly AllowedHost[],
  credentials: Readonly<Record<string, string>>,
): readonly Required<AllowedHost>[] {
  return hosts.flatMap(({ origin, authorization }) =>
    authorization === undefined || Object.hasOwn(credentials, authorization)
      ? []
      : [{ origin, authorization }],
  );
}
