import { z } from 'zod';
import { textField } from '../../lib/field.js';
import type { SimulatedKind, Simulator } from '../contract/simulation.js';
import { TargetError } from '../contract/target-error.js';
import { addressFault } from './address.js';
import type { Http } from './client.js';
import { listedHost } from './hosts.js';
import { call } from './request.js';

const state = z.strictObject({
  replies: z
    .enum(['accepts', 'refuses', 'busy', 'silent', 'unavailable'])
    .default('accepts')
    .describe(
      'How it answers: done, rejected for good, busy (429 or 503), no answer to a sent request, or not reachable.',
    ),
});

const addresses: SimulatedKind<z.output<typeof state>> = {
  kind: 'http',
  one: 'address',
  summary:
    'Addresses that http.request finds, by scheme, host and path, without a query. A call of another address fails the test.',
  name: textField.refine((text) => !text.includes('?') && addressFault(text) === undefined, {
    error: 'expected scheme, host and path without a query, as in https://ci.example.com/job',
  }),
  state,
  operations: [call],
  call: {
    one: 'call',
    example: 'POST https://ci.example.com/job/restart?service=web',
    declaredAs: (name) => /^[A-Z]+ (https?:[^?]*)/.exec(name)?.[1],
    undeclared: 'say under "addresses" how it replies; 404 is "refuses"',
  },
  assume: () => ({ replies: 'accepts' }),
};

const kinds = { addresses };

/**
 * The addresses that other systems answer under, in playbook tests and backtests. Nothing is called; only
 * hosts that the policy allows answer, and their credentials are not asked for.
 */
export const httpSimulator: Simulator<typeof kinds, { readonly http: Http }> = {
  kinds,

  create({ given, hosts, clock, onEffect }) {
    const http: Http = {
      secrets: () => [],

      async check(url) {
        listedHost(hosts(), url);
      },

      async send({ method, url }) {
        listedHost(hosts(), url);
        const name = `${method} ${url}`;
        const [address = ''] = url.split('?');
        switch (given.addresses.find(address)?.replies) {
          case 'accepts':
            onEffect({ atMs: clock.now(), kind: addresses.kind, name, takesMs: 0, does: 'call' });
            return 'answered 200 OK';
          case 'refuses':
            throw new TargetError('invalid', `${name}: answered 400 Bad Request`);
          case 'busy':
            throw new TargetError('busy', `${name}: answered 503 Service Unavailable`);
          case 'silent':
            throw new TargetError('unknown', `${name} was sent: no answer came in time`);
          case 'unavailable':
            throw new TargetError('unavailable', `${name} was not sent: connection refused`);
          case undefined:
            throw new TargetError('not_found', `${name}: answered 404 Not Found`);
        }
      },
    };
    return { clients: { http }, sizes: {} };
  },
};
