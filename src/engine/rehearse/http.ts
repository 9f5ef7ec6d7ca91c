import type { Clock } from '../../clock.js';
import type { Http } from '../../target/http.js';
import { type HttpHost, listedHost } from '../../target/http-hosts.js';
import { TargetError } from '../../target/target-error.js';
import type { Effect, World } from './world.js';

interface Options {
  readonly world: Pick<World, 'reply'>;
  readonly hosts: readonly HttpHost[];
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/**
 * The addresses of a world, behind what the actions know of them. Nothing is called; only hosts that the
 * policy allows answer, and their credentials are not asked for.
 */
export function createRehearsedHttp({ world, hosts, clock, onEffect }: Options): Http {
  return {
    async check(url) {
      listedHost(hosts, url);
    },

    async send({ method, url }) {
      listedHost(hosts, url);
      const name = `${method} ${url}`;
      const [address = ''] = url.split('?');
      switch (world.reply?.(address)) {
        case 'accepts':
          onEffect({ atMs: clock.now(), kind: 'http', name, does: 'call' });
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
}
