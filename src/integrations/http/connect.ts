import type { Connected } from '../contract/connected.js';
import type { ConnectContext } from '../contract/integration.js';
import { createHttp, type Http } from './client.js';
import { createCredentialWatch } from './credential-watch.js';

/** What the environment says about it. */
export interface HttpSettings {
  /** Values of the header Authorization, by the name of their variable (`JIDOKA_HTTP_…`). */
  readonly credentials: Readonly<Record<string, string>>;
}

/** What its actions work through. */
export interface HttpClients {
  readonly http: Http;
}

/** Creates the client for calls, and watches for credentials that are missing. */
export function connectHttp(
  { credentials }: HttpSettings,
  { hosts, log }: ConnectContext,
): Connected<HttpClients> {
  const credentialWatch = createCredentialWatch({ hosts, credentials, log });
  return {
    clients: { http: createHttp({ hosts, credentials }) },
    check: async () => credentialWatch.check(),
    lists: [],
    watch: () => ({ look: async () => credentialWatch.look() }),
  };
}
