import { z } from 'zod';
import type { Change, Target } from '../target/change.js';
import type { Http } from '../target/http.js';
import { addressFault, encodePiece, placeFault } from '../target/http-address.js';
import { TargetError } from '../target/target-error.js';
import type { Action } from './action.js';
import { refused } from './swarm-service.js';

/** The most characters of a body. Whoever needs more has the other side ask for it. */
const longestBody = 16_000;
/** How much of it people are shown. */
const longestShown = 300;

const params = z
  .strictObject({
    url: z
      .string()
      .superRefine((text, context) => {
        const message = addressFault(text);
        if (message !== undefined) context.addIssue({ code: 'custom', message });
      })
      .describe(
        'What to call: https://host/path, on a host that policy.yaml allows. Expressions may stand in segments of the path and in values of the query, and are encoded for that.',
      ),
    method: z.enum(['POST', 'PUT', 'GET']).default('POST').describe('How to call it.'),
    body: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .refine((body) => JSON.stringify(body).length <= longestBody, {
        error: `expected at most ${longestBody} characters as JSON`,
      })
      .optional()
      .describe('What is sent along, as JSON: texts, numbers and truth values by name.'),
    timeout: z
      .string()
      .regex(/^(?:[1-9]|1\d|20)s$/, 'expected a time from 1s to 20s')
      .default('10s')
      .describe(
        'How long an answer may take, from 1s to 20s. Without one, a person is asked to look.',
      ),
  })
  .refine(({ method, body }) => method !== 'GET' || body === undefined, {
    path: ['body'],
    error: 'expected no body: the method is GET',
  });

type Params = z.infer<typeof params>;

const name = 'http.request';
const [uncalled, called] = ['not called', 'called'];

/**
 * `http.request`: calls an address on a host that the policy allows. There is nothing to look at before
 * or after it: the answer alone tells what came of it.
 */
export function createHttpRequest({ http }: { readonly http: Http }): Action<Params, null> {
  return {
    name,
    summary: 'Calls an address on a host that the policy allows, once.',
    params,
    forms: {
      url: { kind: 'encoded', placeFault, encode: encodePiece },
      body: { kind: 'mapping' },
    },
    unobservable: true,
    convergeWithinMs: 60_000,

    async observe(given) {
      await http.check(given.url);
      return { target: targetOf(given), size: uncalled, unit: 'calls', version: null, state: null };
    },

    // a further call of a step that repeats is one like the first
    plan({ body }, { target }) {
      const along = body === undefined ? '' : ` with ${shortened(JSON.stringify(body))}`;
      const does = `call ${target.name}${along}`;
      return {
        kind: 'change',
        target,
        from: uncalled,
        to: called,
        unit: 'calls',
        version: null,
        does,
      };
    },

    planTo: (_params, { target }) => refused(`${target.name}: a call cannot be taken back`),

    async apply(change, sending) {
      checkChange(change);
      if (sending === undefined || targetOf(sending.params).id !== change.target.id) {
        throw new TargetError('invalid', `${change.target.name} is not what the step calls`);
      }
      const { key, params: given } = sending;
      const { method, url, body, timeout } = given;
      const timeoutMs = Number.parseInt(timeout, 10) * 1_000;
      const json = body === undefined ? undefined : JSON.stringify(body);
      sending.answered(await http.send({ method, url, body: json, timeoutMs, key }));
    },

    async verify(change) {
      checkChange(change);
      return { kind: 'converged', detail: `${change.target.name} was answered` };
    },
  };
}

/** What is asked of whom: the query belongs to it, since it says what the call is about. */
function targetOf({ method, url }: Params): Target {
  return { id: `http/${method} ${url}`, name: `${method} ${url}` };
}

function shortened(text: string): string {
  const letters = [...text];
  return letters.length <= longestShown ? text : `${letters.slice(0, longestShown).join('')}…`;
}

function checkChange({ target, to }: Change): void {
  if (to === called && target.id.startsWith('http/')) return;
  throw new TargetError('invalid', `${name} cannot bring ${target.id} to ${to}`);
}
