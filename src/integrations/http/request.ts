import { z } from 'zod';
import type { Action } from '../contract/action.js';
import type { TargetOf } from '../contract/change.js';
import { type OperationOf, operationKind, operationOf } from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import { TargetError } from '../contract/target-error.js';
import { addressFault, encodePiece, placeFault } from './address.js';
import type { Http } from './client.js';

/** The most characters of a body. A playbook that needs more has the other side ask for it. */
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
        'The address: https://host/path, on a host that policy.yaml allows. Expressions are allowed in path segments and query values, and are encoded.',
      ),
    method: z.enum(['POST', 'PUT', 'GET']).default('POST').describe('The HTTP method.'),
    body: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .refine((body) => JSON.stringify(body).length <= longestBody, {
        error: `expected at most ${longestBody} characters as JSON`,
      })
      .optional()
      .describe('The JSON body: strings, numbers, true and false, by name.'),
    timeout: z
      .string()
      .regex(/^(?:[1-9]|1\d|20)s$/, 'expected a time from 1s to 20s')
      .default('10s')
      .describe(
        'How long Jidoka waits for the answer, from 1s to 20s. Without an answer, it escalates.',
      ),
  })
  .refine(({ method, body }) => method !== 'GET' || body === undefined, {
    path: ['body'],
    error: 'expected no body: the method is GET',
  });

type Params = z.infer<typeof params>;

const name = 'http.request';

/** A call; a further call of a step that repeats is one like the first. */
export const call = operationKind({
  kind: 'call',
  schema: z.strictObject({
    kind: z.literal('call'),
    from: z.enum(['not_called', 'called']),
    to: z.literal('called'),
    /** What is sent along, as people are shown it. */
    body: z.string().optional(),
  }),
  describe: ({ body }, name) => `call ${name}${body === undefined ? '' : ` with ${body}`}`,
  risk: () => 'A call cannot be undone.',
});

/**
 * `http.request`: calls an address on a host that the policy allows. There is nothing to look at before
 * or after it: the answer alone tells what came of it.
 */
export function createHttpRequest({
  http,
}: {
  readonly http: Http;
}): Action<Params, null, TargetOf<'http'>> {
  return {
    name,
    summary: 'Calls an address on a host that the policy allows, once.',
    params,
    operations: [call],
    encoded: { url: { placeFault, encode: encodePiece } },
    secrets: ({ url }) => http.secrets(url),
    unobservable: true,
    addressParam: 'url',
    convergeWithinMs: 60_000,

    async observe(given) {
      await http.check(given.url);
      const target = targetOf(given);
      return { target, size: 'not_called', unit: 'calls', version: null, state: null };
    },

    plan({ body }, { target }) {
      const op: OperationOf<typeof call> = {
        kind: 'call',
        from: 'not_called',
        to: 'called',
        ...(body && { body: shortened(JSON.stringify(body)) }),
      };
      return { kind: 'change', target, op, version: null };
    },

    planTo: (_params, { target }) => refused(`${target.name}: a call cannot be undone`),

    async apply(change, sending) {
      operationOf([call], change);
      if (targetOf(sending.params).id !== change.target.id) {
        throw new TargetError('invalid', `${change.target.name} is not what the step calls`);
      }
      const { key, params: given } = sending;
      const { method, url, body, timeout } = given;
      const timeoutMs = Number.parseInt(timeout, 10) * 1_000;
      const json = body === undefined ? undefined : JSON.stringify(body);
      sending.answered(await http.send({ method, url, body: json, timeoutMs, key }));
    },

    async verify(change) {
      operationOf([call], change);
      return { kind: 'converged', detail: `${change.target.name} was answered` };
    },
  };
}

/** What is asked of whom: the query belongs to it, since it says what the call is about. */
function targetOf({ method, url }: Params): TargetOf<'http'> {
  return { id: `http/${method} ${url}`, name: `${method} ${url}` };
}

function shortened(text: string): string {
  const letters = [...text];
  return letters.length <= longestShown ? text : `${letters.slice(0, longestShown).join('')}…`;
}
