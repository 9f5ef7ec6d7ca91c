import type { Logger } from '../../lib/logger.js';
import type { AllowedHost } from '../contract/allowed-host.js';
import type { ConnectionState } from '../contract/connected.js';
import { hostsWithoutCredentials } from './hosts.js';

/** Looks for credentials that the policy in use names and the environment of this process does not have. */
export function createCredentialWatch(options: {
  /** The hosts of the policy in use. */
  readonly hosts: () => readonly AllowedHost[];
  readonly credentials: Readonly<Record<string, string>>;
  readonly log: Logger;
}) {
  const { hosts, credentials, log } = options;
  let told = '';

  function missing(): string {
    return hostsWithoutCredentials(hosts(), credentials)
      .map(({ origin, authorization }) => `${authorization} (for ${origin})`)
      .join(', ');
  }

  return {
    /** Logs which are missing, once for each set of them. */
    look(): void {
      const now = missing();
      if (now !== '' && now !== told) {
        log.warn(
          { missing: now },
          'credentials of the policy are not set: Jidoka refuses calls of these hosts',
        );
      }
      told = now;
    },

    /** Says which are missing; `undefined`: none is. */
    check(): ConnectionState | undefined {
      const now = missing();
      if (now === '') return undefined;
      const detail = `not set: ${now}; calls of these hosts are refused; set each, or its name with _FILE`;
      return { state: 'failed', detail };
    },
  };
}
