import { type Finding, wrong } from '../../lib/finding.js';
import type { AllowedHost } from '../contract/allowed-host.js';
import { hostsWithoutCredentials } from './hosts.js';

/** Looks for credentials that the policy gives to hosts and that are not set. */
export function examineCredentials(
  hosts: readonly AllowedHost[],
  credentials: Readonly<Record<string, string>>,
): readonly Finding[] {
  return hostsWithoutCredentials(hosts, credentials).map(({ origin, authorization }) =>
    wrong(
      `${authorization} is not set, with which ${origin} is called`,
      'Jidoka refuses calls of that host and escalates',
      `set ${authorization} or ${authorization}_FILE to the value of the header Authorization`,
    ),
  );
}
