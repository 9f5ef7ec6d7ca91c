import { credentialName } from '../contract/allowed-host.js';
import type { Integration } from '../contract/integration.js';
import type { HttpClients, HttpSettings } from './connect.js';
import { examineCredentials } from './doctor.js';
import { createHttpRequest } from './request.js';
import { httpSimulator } from './simulator.js';

/** Calls of other systems, on the hosts that the policy allows. */
export const http: Integration<'http', HttpSettings, HttpClients> = {
  name: 'http',
  title: 'Calls',
  labels: [],
  nouns: { http: '' },

  settings({ names, secret, fault }) {
    const credentials: Record<string, string> = {};
    for (const name of names) {
      const value = credentialName.test(name) ? secret(name) : undefined;
      if (value === undefined) continue;
      credentials[name] = value;
      if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(value)) {
        fault(
          `${name}: expected the value of a header Authorization in one line, such as Bearer …`,
        );
      }
    }
    return { credentials };
  },

  connect: async (settings, context) =>
    (await import('./connect.js')).connectHttp(settings, context),

  actions: ({ http }) => [createHttpRequest({ http })],

  unlisted: /^(?:[A-Z]+ https?:|http\/)/,

  counts: () => ({ http: 'uncounted' }),

  doctor: async ({ credentials }, { hosts }) => examineCredentials(hosts, credentials),

  simulator: httpSimulator,
};
